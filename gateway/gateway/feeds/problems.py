from chassis.problems import Problem, TryAgain


class TooManyFeeds(Problem):
    status, title = 409, "The business has as many feeds as it may; revoke one first"


class FeedRevoked(Problem):
    """Made by this Idempotency-Key, and ended since: a repetition must not bring it back."""

    status, title = 410, "The feed that this request made was revoked; send it with another key"


class FeedIncomplete(TryAgain):
    """Half a feed is never served: a calendar app would delete the other half."""

    status, title = 503, "A part of this feed cannot be read right now, try again"
