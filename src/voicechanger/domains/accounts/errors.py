"""Error codes of accounts, API keys and sign-in."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "csrf_failed": ErrorCode(403, "The dashboard sent no valid CSRF token. Requests with an API key need none."),
    "signed_out": ErrorCode(401, "The session of the dashboard has ended. Sign in again."),
    "missing_api_key": ErrorCode(401, "No API key was sent."),
    "invalid_api_key": ErrorCode(401, "The key is malformed, unknown, revoked or expired."),
    "account_suspended": ErrorCode(403, "The account is suspended."),
    "key_not_found": ErrorCode(404, "The key does not exist."),
    "expiry_in_past": ErrorCode(422, "`expires_at` is in the past."),
    "expiry_too_late": ErrorCode(422, "A key cannot create a key that expires later than itself."),
    "scope_too_wide": ErrorCode(403, "A key cannot grant scopes that it lacks."),
    "key_is_stronger": ErrorCode(403, "A key may not revoke one that may do more than itself."),
    "key_is_capped": ErrorCode(403, "A key with a credit cap cannot create keys."),
    "too_many_keys": ErrorCode(409, "The account has reached its limit of active keys."),
    "account_not_found": ErrorCode(404, "The account does not exist.", in_reference=False),
    "admin_only": ErrorCode(403, "Only an administrator may do this.", in_reference=False),
    "unknown_scope": ErrorCode(422, "The scope does not exist.", in_reference=False),
    "own_account": ErrorCode(403, "An administrator cannot do this to their own account.", in_reference=False),
    "invalid_email": ErrorCode(422, "The value is not an e-mail address.", in_reference=False),
    "password_weak": ErrorCode(422, "The password is too short.", in_reference=False),
    "password_too_long": ErrorCode(422, "The password is too long.", in_reference=False),
    "password_wrong": ErrorCode(422, "The old password is wrong.", in_reference=False),
    "session_not_found": ErrorCode(404, "The session does not exist.", in_reference=False),
    "sign_in_failed": ErrorCode(401, "The e-mail address or the password is wrong.", in_reference=False),
    "sign_up_closed": ErrorCode(403, "This server accepts no new accounts.", in_reference=False),
    "setup_token_invalid": ErrorCode(403, "The link for the first administrator does not work.", in_reference=False),
    "address_taken": ErrorCode(409, "An account has this e-mail address.", in_reference=False),
    "too_many_attempts": ErrorCode(429, "Too many attempts; see Retry-After.", in_reference=False),
}
