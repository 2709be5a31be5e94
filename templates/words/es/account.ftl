# Las palabras de las páginas de la cuenta.

account-page = Su cuenta
account-signed-in-at = Ha iniciado sesión en { $tenant }.
account-account = Cuenta
account-since = Desde
account-sign-out = Cerrar sesión
