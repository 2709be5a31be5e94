# The words of the ways to sign in and second factors.
