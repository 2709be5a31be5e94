# Why something was refused: each message is named by its English sentence.

refusal-the-user-name-or-the-password-is-wrong = The user name or the password is wrong.
refusal-the-e-mail-address-of-this-account-is-not-verified-yet = The e-mail address of this account is not verified yet.
refusal-this-account-is-suspended = This account is suspended.
refusal-this-tenant-is-suspended = This tenant is suspended.
refusal-there-is-no-such-tenant = There is no such tenant.
refusal-there-is-nothing-here = There is nothing here.
refusal-there-is-no-such-mail = There is no such mail.
refusal-the-password-has-to-have-8-characters-or-more = The password has to have 8 characters or more.
refusal-the-password-is-longer-than-1024-bytes = The password is longer than 1024 bytes.
refusal-the-user-name-is-too-long = The user name is too long.
refusal-a-user-name-has-up-to-64-characters-of-a-z-0-9-and = A user name has up to 64 characters of a-z, 0-9, . _ and -.
refusal-too-many-people-are-signing-in-try-again-in-a-moment = Too many people are signing in; try again in a moment.
refusal-this-form-is-out-of-date-or-comes-from-elsewhere-go-back-reload-and-try-again = This form is out of date or comes from elsewhere; go back, reload and try again.
refusal-this-application-is-not-active-any-more = This application is not active any more.
refusal-the-redirect-uri-is-not-registered-for-this-client = The redirect_uri is not registered for this client.
refusal-the-client-id-is-not-known-here = The client_id is not known here.
refusal-the-post-logout-redirect-uri-is-not-registered-for-this-client = The post_logout_redirect_uri is not registered for this client.
refusal-the-request-cannot-be-understood = The request cannot be understood.
refusal-the-request-took-too-long = The request took too long.
refusal-the-body-is-too-large = The body is too large.
refusal-the-address-is-too-long = The address is too long.
refusal-this-method-is-not-for-this-address = This method is not for this address.
refusal-the-content-type-is-not-for-this-address = The content type is not for this address.
refusal-a-parameter-is-repeated = A parameter is repeated.
refusal-something-went-wrong-here-the-request-id-helps-to-find-out-what = Something went wrong here; the request id helps to find out what.
