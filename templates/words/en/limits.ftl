# The words of limits and challenges.
