# Las palabras de las páginas de la cuenta.

account-page = Su cuenta
account-signed-in-at = Sesión iniciada en { $tenant }, { $when }.
account-sign-out = Cerrar sesión

account-overview = Resumen
account-profile = Perfil
account-security = Seguridad
account-sessions = Dispositivos
account-applications = Aplicaciones
account-activity = Actividad
account-data = Sus datos

account-profile-line = Nombre, foto e idioma
account-security-line = Contraseña y otras formas de entrar
account-sessions-line = { $number ->
    [one] Sesión abierta en { $number } dispositivo
   *[other] Sesión abierta en { $number } dispositivos
}
account-applications-line = { $number ->
    [0] Ninguna aplicación tiene acceso
    [one] { $number } aplicación tiene acceso
   *[other] { $number } aplicaciones tienen acceso
}
account-activity-line = Lo que ha pasado últimamente
account-data-line = Descargar todo o eliminar la cuenta

account-just-now = ahora mismo
account-minutes-ago = { $number ->
    [one] hace { $number } minuto
   *[other] hace { $number } minutos
}
account-hours-ago = { $number ->
    [one] hace { $number } hora
   *[other] hace { $number } horas
}
account-days-ago = { $number ->
    [one] hace { $number } día
   *[other] hace { $number } días
}

account-profile-lead = Lo que las aplicaciones pueden mostrar de usted, si lo permite.
account-name = Nombre
account-picture = Foto
account-picture-hint = La dirección de una imagen, que empieza por https://
account-picture-wrong = Esta no es una dirección que empiece por https://
account-field-wrong = Esto no se puede guardar así
account-language = Idioma
account-language-of-browser = La que prefiera el navegador
account-save = Guardar
account-saved = Guardado.
account-metadata = Lo que guardan aquí las aplicaciones
account-metadata-lead = Ajustes suyos que las aplicaciones han guardado con su cuenta.

account-security-lead = Todo aquello con lo que puede entrar.
account-change = Cambiar
account-email = Correo electrónico
account-email-none = Ninguno
account-email-verified = verificado
account-email-unverified = sin verificar
account-password = Contraseña
account-password-set = Definida
account-password-none = Ninguna: entra de otra forma

account-sessions-lead = Dónde tiene la sesión abierta. Si no reconoce alguno, ciérrelo y cambie su contraseña.
account-unknown-device = Dispositivo desconocido
account-last-used = usado { $when }
account-begun = sesión iniciada { $when }
account-this-browser = Este navegador
account-end-session = Cerrar sesión
account-end-others = Cerrar sesión en los demás

account-applications-lead = Lo que autorizó a actuar por usted. Lo que retire termina al instante.
account-no-applications = Ninguna aplicación tiene acceso a su cuenta.
account-allowed-since = Desde el { $day }
account-take-back = Retirar

account-activity-lead = Lo que se hizo con su cuenta, lo último primero.
account-by-administrator = Un administrador
account-by-unknown = Persona desconocida
account-refused = rechazado
account-older = Anteriores

activity-user-created = Cuenta creada
activity-user-updated = Perfil modificado
activity-user-login = Inicio de sesión
activity-user-login-failed = Inicio de sesión fallido
activity-user-verified = Correo verificado
activity-password-changed = Contraseña cambiada
activity-password-reset = Contraseña restablecida
activity-email-changed = Correo cambiado
activity-role-changed = Rol cambiado
activity-user-suspended = Cuenta suspendida
activity-user-activated = Cuenta activada
activity-user-deleted = Cuenta eliminada
activity-user-restored = Cuenta restaurada
activity-user-exported = Datos descargados
activity-mfa-enrolled = Forma de entrar añadida
activity-mfa-removed = Forma de entrar retirada
activity-session-created = Sesión iniciada
activity-session-ended = Sesión terminada
activity-consent-granted = Aplicación autorizada
activity-consent-revoked = Acceso de aplicación retirado

account-data-lead = Todo lo que se guarda sobre usted, en un archivo JSON.
account-download = Descargar mis datos
account-delete = Eliminar la cuenta
account-delete-line = Se cierra su sesión en todas partes y nada de la cuenta sigue funcionando.
account-delete-title = ¿Eliminar su cuenta?
account-delete-lead = Termina al instante, en todas partes. Durante { $grace } un administrador puede recuperarla; después desaparece para siempre.
account-delete-sure = Sí, quiero eliminar mi cuenta
account-delete-confirm = Eliminar
account-delete-cancel = Conservarla
account-deleted-title = Su cuenta está eliminada
account-deleted-lead = Hasta el { $day } un administrador puede recuperarla.

refusal-this-is-the-only-owner-make-somebody-else-an-owner-first = Usted es el único propietario. Nombre antes a otro.
refusal-tick-the-box-to-say-that-you-are-sure = Marque la casilla para decir que está seguro.

account-cancel = Cancelar
account-current-password = Contraseña actual
account-password-lead = Aquí sigue con la sesión abierta; en todos los demás sitios se cierra.
account-email-now = Ahora es { $it }.
account-email-new = Nueva dirección
account-email-lead = Enviaremos allí un enlace. Avisaremos a la dirección anterior, que puede deshacer el cambio.
account-email-send = Enviar el enlace
account-email-sent = Hay un correo en camino a { $email }. La dirección cambia cuando siga su enlace.

account-identities-line = Cuentas de otros proveedores
account-remove = Quitar
account-passkeys = Llaves de acceso
account-passkeys-lead = Inicie sesión con su huella, su cara o una llave de seguridad: nada que recordar, nada que revelar.
account-passkeys-none = Ninguna
account-passkeys-script = Para añadir una llave de acceso hace falta JavaScript.
account-passkeys-impossible = En esta dirección no se pueden usar llaves de acceso.
account-authenticator = Aplicación de autenticación
account-authenticator-lead = Un código de una aplicación del teléfono, que se pide después de la contraseña.
account-authenticator-scan = Escanee la imagen con la aplicación y escriba el código que muestra.
account-authenticator-on = Configurada
account-authenticator-off = Sin configurar
account-codes-left = { $number ->
    [one] Queda { $number } código de recuperación.
   *[other] Quedan { $number } códigos de recuperación.
}
account-codes-renew = Crear nuevos códigos de recuperación
account-identities = Cuentas en otros sitios
account-identities-lead = Cuentas de otros proveedores con las que inicia sesión aquí.
account-linked-since = desde { $day }
account-unlink = Quitar
account-link-with = Añadir { $provider }
account-no-identities = Aquí no se conoce ningún otro proveedor.

account-files = Archivos
account-files-line = Lo que guarda aquí y a quién se lo dio
account-files-lead = Lo que guarda aquí. Nadie más lo ve, salvo que usted entregue un enlace.
account-files-choose = Un archivo de este dispositivo
account-files-upload = Subir
account-files-none = Todavía no hay nada aquí.
account-files-used = { $size } en total.
account-files-share = Compartir
account-files-unshare = Dejar de compartir
account-files-delete = Eliminar
account-files-link = Un enlace a este archivo
account-files-link-hint = Quien lo tenga puede leer el archivo durante siete días, o hasta que usted deje de compartirlo.
account-files-scanning = se está comprobando
account-files-quarantined = bloqueado: se encontró algo dañino en él
