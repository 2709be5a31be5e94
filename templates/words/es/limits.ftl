# Las palabras de límites y pruebas.

challenge-working = Han fallado muchos intentos de iniciar sesión en esta cuenta o desde esta red. Su navegador está resolviendo un pequeño problema…
challenge-done = Listo. Ya puede iniciar sesión.
challenge-noscript = Últimamente han fallado muchos intentos de iniciar sesión. Sin JavaScript este navegador no puede demostrar que no es un robot: use un navegador en el que ya haya iniciado sesión, inicie sesión con un código enviado por correo o vuelva más tarde.
refusal-too-many-failed-attempts-try-again-later = Demasiados intentos fallidos; vuelva a intentarlo más tarde.
refusal-many-attempts-to-sign-in-have-failed-let-your-browser-do-some-work-then-try-again = Han fallado muchos intentos de iniciar sesión; deje que su navegador trabaje un poco y vuelva a intentarlo.
refusal-too-many-requests-try-again-later = Demasiadas solicitudes; vuelva a intentarlo más tarde.
refusal-no-more-accounts-can-be-made-here-at-the-moment = Por ahora no se pueden crear más cuentas aquí.
refusal-the-tenant-s-plan-has-no-room-for-more-users = El plan no admite más personas.
refusal-the-tenant-s-plan-has-no-room-for-more-clients = El plan no admite más aplicaciones.
refusal-the-tenant-s-plan-has-no-room-for-more-organizations = El plan no admite más organizaciones.
