# Las páginas de entrada, consentimiento y salida, y lo que lleva cada página.

foot = Inicio de sesión con Chancery
foot-terms = Condiciones
foot-privacy = Privacidad
foot-support = Ayuda

span-days = { $number ->
    [one] { $number } día
   *[other] { $number } días
}
span-hours = { $number ->
    [one] { $number } hora
   *[other] { $number } horas
}
span-minutes = { $number ->
    [one] { $number } minuto
   *[other] { $number } minutos
}
span-seconds = { $number ->
    [one] { $number } segundo
   *[other] { $number } segundos
}

login-title = Iniciar sesión
login-to-continue = para continuar a { $it }
login-username = Correo electrónico o nombre de usuario
login-password = Contraseña
login-forgot = ¿La ha olvidado?
login-remember = Mantener la sesión en este dispositivo
login-verify = Enviar el correo de nuevo
login-submit = Iniciar sesión
login-cancel = Cancelar
login-new = ¿Es su primera vez? { $it }
login-create = Crear una cuenta

client-policy = Política de privacidad
client-terms = Condiciones del servicio

consent-page = Permitir el acceso
consent-title = ¿Permitir que { $it } use su cuenta?
consent-lead = Pide lo siguiente. Desmarque lo que prefiera guardarse.
consent-signed-in-as = Sesión iniciada como
consent-asks-for = Lo que pide { $name }
consent-only-in = De tus documentos, solo en
consent-only-where = donde
consent-only-fields = estos campos:
consent-allow = Permitir
consent-deny = Rechazar
consent-return = Después volverá a { $it }.

scope-openid = Saber quién es usted
scope-openid-text = Un identificador estable de su cuenta.
scope-profile = Su perfil
scope-profile-text = Nombre, imagen, idioma y similares.
scope-email = Su dirección de correo
scope-email-text = Y si está verificada.
scope-phone = Su número de teléfono
scope-phone-text = Y si está verificado.
scope-address = Su dirección postal
scope-offline-access = Acceso en su ausencia
scope-offline-access-text = Hasta que usted o la aplicación lo terminen.
scope-entitlements = Lo que ha pagado
scope-entitlements-text = Sus planes y lo que incluyen.
scope-account = Administrar su cuenta
scope-account-text = Perfil, contraseña, segundos factores y sesiones.

logout-page = Cerrar sesión
logout-title = ¿Cerrar la sesión?
logout-client-asks = { $it } pide terminar su sesión en { $tenant }.
logout-this-ends = Esto termina su sesión en { $tenant } en este navegador.
logout-signed-in-as = Sesión iniciada como { $it }
logout-confirm = Cerrar sesión
logout-cancel = Cancelar

logged-out-title = Ha cerrado la sesión
logged-out-kept-title = Su sesión sigue abierta
logged-out-text = Su sesión en { $tenant } ha terminado. Puede cerrar esta ventana.
logged-out-kept-text = Nada ha cambiado. Puede cerrar esta ventana.
logged-out-continue = Continuar

form-post-page = Volviendo
form-post-title = Un momento
form-post-text = Está volviendo a la aplicación.
form-post-continue = Continuar

start-page = Bienvenida
start-title = Un solo lugar para iniciar sesión
start-lead = Este servidor habla OAuth 2.0 y OpenID Connect para muchos inquilinos. Cada uno tiene su propio emisor, sus personas, aplicaciones y claves.
start-try = Probarlo
start-mailbox = Buzón
start-discovery = Documento de descubrimiento
start-email = Correo
start-password = Contraseña
start-role = Rol
start-role-administrator = administración
start-role-person = persona
start-why-before = Ve esto porque el servidor funciona con { $it }.
start-why-after = Estas personas y contraseñas no existen en ningún otro lugar.
start-elsewhere = Para iniciar sesión, empiece en la aplicación que le envió aquí.

error-code = Código
error-request = Petición
error-help = Si pide ayuda, indique el número de la petición: con él se encuentra lo ocurrido.
error-401 = Inicie sesión, por favor
error-403 = Esto no está permitido
error-404 = Aquí no hay nada
error-408 = Ha tardado demasiado
error-413 = Ha sido demasiado
error-414 = Ha sido demasiado
error-429 = Demasiados intentos
error-500 = Algo ha fallado aquí
error-503 = No disponible en este momento
error-507 = No queda espacio
error-other = Esta petición no puede atenderse
