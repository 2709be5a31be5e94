# The words of signing up and recovering an account.
