# Las palabras sobre organizaciones.

login-for-organization = para { $organization }

choose-organization-title = ¿Para qué organización es?
choose-organization-lead = { $name } actúa entonces para lo que usted elija.
choose-organization-none = Ninguna: solo para mí

consent-for-organization = Para la organización { $organization }

account-organizations = Organizaciones
account-organizations-line = A qué pertenece usted
account-organizations-lead = A qué pertenece usted, y qué es allí.
account-organizations-none = No pertenece a ninguna organización.
account-organizations-as = como { $role }
account-organizations-leave = Salir
account-organizations-waiting = Invitaciones
account-organizations-accept = Aceptar
account-organizations-decline = Rechazar
account-organizations-joinable = Para personas con su dirección
account-organizations-join = Unirse
account-organizations-suspended = suspendida

role-owner = propietario
role-admin = administrador
role-member = miembro
role-guest = invitado

scope-roles = Sus funciones
scope-roles-text = Qué es usted aquí y en su organización.
scope-orgs-read = Sus organizaciones
scope-orgs-read-text = A qué pertenece usted, y quién más.
scope-orgs-write = Administrar sus organizaciones
scope-orgs-write-text = Miembros, invitaciones, funciones y ajustes, hasta donde usted puede.

refusal-this-is-the-organization-s-only-owner-transfer-it-or-make-somebody-else-an-owner-first = Usted es el único propietario. Transfiera la organización o nombre antes a otro propietario.
refusal-organizations-have-no-other-owner-transfer-or-delete-them-first = Hay organizaciones sin otro propietario que usted. Transfiéralas o elimínelas antes.
refusal-this-is-none-of-your-organizations = No es ninguna de sus organizaciones.
refusal-no-such-invitation-waits-for-you = No le espera ninguna invitación así.
refusal-this-organization-is-suspended = Esta organización está suspendida.
refusal-there-is-no-such-organization = No existe tal organización.
refusal-this-invitation-is-for-people-who-have-an-account = Esta invitación es para personas que tienen una cuenta.
