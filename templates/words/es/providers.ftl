# Las palabras de la entrada con otros.

login-with = Continuar con { $provider }
login-organisation = Usar el acceso de su organización
login-otherwise = Entrar de otra manera
organisation-title = El acceso de su organización
organisation-why = Muchas organizaciones tienen su propio acceso. Su dirección de trabajo dice cuál es el suyo.
organisation-email = Dirección de correo
organisation-submit = Continuar
link-title = ¿Es suya esta cuenta?
link-found = { $provider } dice que usted es { $account }, y aquí hay una cuenta con esa dirección.
link-why = Para que solo su titular pueda conectarla, entre una vez en ella como de costumbre. Después podrá entrar con { $provider }.
link-sign-in = Entrar y conectar
link-later = Ahora no

refusal-the-other-provider-does-not-answer-try-again-later-or-sign-in-another-way = El otro proveedor no responde; inténtelo más tarde o entre de otra manera.
refusal-what-the-other-provider-answered-proves-nothing = Lo que respondió el otro proveedor no prueba nada.
refusal-the-sign-in-with-the-other-provider-was-cancelled = Se canceló la entrada con el otro proveedor.
refusal-the-account-that-this-sign-in-leads-to-was-deleted = La cuenta a la que lleva esta entrada fue eliminada.
refusal-nobody-here-knows-this-account-ask-for-an-invitation = Aquí nadie conoce esta cuenta; pida una invitación.
refusal-the-other-provider-does-not-vouch-for-your-e-mail-address = El otro proveedor no responde por su dirección de correo.
refusal-accounts-here-are-for-other-e-mail-addresses-than-yours = Las cuentas de aquí son para otras direcciones de correo que la suya.
refusal-this-account-of-the-other-provider-belongs-to-another-account-here = Esta cuenta del otro proveedor pertenece aquí a otra cuenta.
refusal-an-account-of-this-address-was-made-just-now-start-again = Acaba de crearse una cuenta con esta dirección; empiece de nuevo.
refusal-no-organisation-is-known-for-this-address = No se conoce ninguna organización para esta dirección.
refusal-there-is-no-such-provider-in-this-tenant = Ese proveedor no existe aquí.
