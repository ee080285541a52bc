"""The words of the page behind an invitation."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "heading": "Join the team",
        "no_script": "This page needs JavaScript.",
        "intro": "A studio would like you to join its team on Bookly.",
        "name": "Your name",
        "password": "Password",
        "about_password": "Choose a new one with at least 10 characters. If you have an account "
        "for this e-mail address already, enter the password of that account.",
        "accept": "Accept the invitation",
        "ended": "This invitation has been used already, was withdrawn or has expired. If you "
        "have accepted it, you can sign in; otherwise ask the studio for a new one.",
        "unknown": "This link is not complete, or not one of ours. Open it from the mail again.",
        "newcomer": "You are new here: say your name and choose a password with at least 10 "
        "characters.",
        "wrong_password": "There is an account for your e-mail address already, and its password "
        "is another one.",
        "already_member": "You belong to this team already. You can sign in.",
        "not_valid": "Please check the name and the password.",
        "wait": "That was tried too often. Please wait a few minutes.",
        "again": "That did not work. Please try again in a moment.",
        "joined": "Welcome to the team:",
        "sign_in": "You can sign in from now on, with your e-mail address and this password.",
    },
    "de": {
        "heading": "Zum Team dazukommen",
        "no_script": "Diese Seite braucht JavaScript.",
        "intro": "Ein Studio möchte dich in seinem Team bei Bookly dabeihaben.",
        "name": "Dein Name",
        "password": "Passwort",
        "about_password": "Wähle ein neues mit mindestens 10 Zeichen. Wenn du für diese "
        "E-Mail-Adresse schon ein Konto hast, gib dessen Passwort ein.",
        "accept": "Einladung annehmen",
        "ended": "Diese Einladung wurde schon benutzt, zurückgezogen oder ist abgelaufen. Wenn du "
        "sie angenommen hast, kannst du dich anmelden; sonst bitte das Studio um eine neue.",
        "unknown": "Dieser Link ist unvollständig oder nicht von uns. Öffne ihn noch einmal aus "
        "der E-Mail.",
        "newcomer": "Du bist neu hier: Nenne deinen Namen und wähle ein Passwort mit mindestens "
        "10 Zeichen.",
        "wrong_password": "Für deine E-Mail-Adresse gibt es schon ein Konto, und sein Passwort "
        "ist ein anderes.",
        "already_member": "Du gehörst schon zu diesem Team. Du kannst dich anmelden.",
        "not_valid": "Bitte prüfe den Namen und das Passwort.",
        "wait": "Das wurde zu oft versucht. Bitte warte ein paar Minuten.",
        "again": "Das hat nicht geklappt. Bitte versuche es gleich noch einmal.",
        "joined": "Willkommen im Team:",
        "sign_in": "Ab jetzt kannst du dich anmelden, mit deiner E-Mail-Adresse und diesem "
        "Passwort.",
    },
    "es": {
        "heading": "Únete al equipo",
        "no_script": "Esta página necesita JavaScript.",
        "intro": "Un estudio quiere que te unas a su equipo en Bookly.",
        "name": "Tu nombre",
        "password": "Contraseña",
        "about_password": "Elige una nueva de al menos 10 caracteres. Si ya tienes una cuenta con "
        "este correo, escribe la contraseña de esa cuenta.",
        "accept": "Aceptar la invitación",
        "ended": "Esta invitación ya se usó, se retiró o ha caducado. Si la aceptaste, puedes "
        "iniciar sesión; si no, pide otra al estudio.",
        "unknown": "Este enlace está incompleto o no es nuestro. Ábrelo otra vez desde el correo.",
        "newcomer": "Es tu primera vez aquí: di tu nombre y elige una contraseña de al "
        "menos 10 caracteres.",
        "wrong_password": "Ya existe una cuenta con tu correo, y su contraseña es otra.",
        "already_member": "Ya formas parte de este equipo. Puedes iniciar sesión.",
        "not_valid": "Revisa el nombre y la contraseña.",
        "wait": "Se ha intentado demasiadas veces. Espera unos minutos.",
        "again": "No ha funcionado. Vuelve a intentarlo enseguida.",
        "joined": "Te damos la bienvenida al equipo:",
        "sign_in": "Desde ahora puedes iniciar sesión con tu correo y esta contraseña.",
    },
}
