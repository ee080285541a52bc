"""One reader is told of one thing by one message after the other: SQL that says whose turn it is.

Without it two mails of one booking, under way in the same moment, may arrive in either order.
"""

ITS_TURN = """
    NOT EXISTS (
        SELECT FROM messages AS other
        WHERE other.business_id = messages.business_id AND other.about = messages.about
          AND other.recipient = messages.recipient AND other.id <> messages.id
          AND other.state IN ('queued', 'sending')
          AND (other.state = 'sending' AND messages.state = 'queued'
               OR other.state = messages.state
                  AND (other.version, other.id) < (messages.version, messages.id))
    )
"""
"""Of a row of `messages` that is under way. What is perhaps on its way goes before all others, and
then the oldest: one that comes late finds a later one sent, and is given up."""
LINE = "hashtextextended(about::text || lower(recipient::text), 0)"
"""Its advisory lock, held while a message of the line is being sent."""
