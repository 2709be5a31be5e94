# Por qué se rechazó algo: cada mensaje se llama como su frase inglesa.

refusal-the-user-name-or-the-password-is-wrong = El nombre de usuario o la contraseña no es correcto.
refusal-the-e-mail-address-of-this-account-is-not-verified-yet = La dirección de correo de esta cuenta aún no está verificada.
refusal-this-account-is-suspended = Esta cuenta está suspendida.
refusal-this-tenant-is-suspended = Este inquilino está suspendido.
refusal-there-is-no-such-tenant = Este inquilino no existe.
refusal-there-is-nothing-here = Aquí no hay nada.
refusal-there-is-no-such-mail = Este mensaje no existe.
refusal-the-password-has-to-have-8-characters-or-more = La contraseña debe tener 8 caracteres o más.
refusal-the-password-is-longer-than-1024-bytes = La contraseña tiene más de 1024 bytes.
refusal-the-user-name-is-too-long = El nombre de usuario es demasiado largo.
refusal-a-user-name-has-up-to-64-characters-of-a-z-0-9-and = Un nombre de usuario tiene hasta 64 caracteres de a-z, 0-9, . _ y -.
refusal-too-many-people-are-signing-in-try-again-in-a-moment = Hay demasiadas personas iniciando sesión; vuelva a intentarlo en un momento.
refusal-this-form-is-out-of-date-or-comes-from-elsewhere-go-back-reload-and-try-again = Este formulario está caducado o viene de otro lugar; vuelva atrás, recargue la página e inténtelo de nuevo.
refusal-this-application-is-not-active-any-more = Esta aplicación ya no está activa.
refusal-the-redirect-uri-is-not-registered-for-this-client = La redirect_uri no está registrada para esta aplicación.
refusal-the-client-id-is-not-known-here = El client_id no se conoce aquí.
refusal-the-post-logout-redirect-uri-is-not-registered-for-this-client = La post_logout_redirect_uri no está registrada para esta aplicación.
refusal-the-request-cannot-be-understood = La petición no se puede entender.
refusal-the-request-took-too-long = La petición ha tardado demasiado.
refusal-the-body-is-too-large = La petición es demasiado grande.
refusal-the-address-is-too-long = La dirección es demasiado larga.
refusal-this-method-is-not-for-this-address = Este método no sirve para esta dirección.
refusal-the-content-type-is-not-for-this-address = Este tipo de contenido no sirve para esta dirección.
refusal-a-parameter-is-repeated = Un parámetro está repetido.
refusal-something-went-wrong-here-the-request-id-helps-to-find-out-what = Algo ha fallado aquí; el número de la petición ayuda a averiguarlo.
