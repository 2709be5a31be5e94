# Las palabras de las formas de entrar y los segundos factores.
