# The words of signing in with others.
