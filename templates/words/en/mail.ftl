# The words of mails.
