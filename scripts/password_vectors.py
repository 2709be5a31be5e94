#!/usr/bin/env python3
"""Makes tests/vectors/passwords.json: hashes as other systems store them.

    pip install bcrypt werkzeug argon2-cffi django && scripts/password_vectors.py > tests/vectors/passwords.json

The costs are low where they are only a number, so that the tests stay quick.
"""
import json

import argon2
import bcrypt
import django
from argon2.low_level import Type
from django.conf import settings
from werkzeug.security import generate_password_hash

settings.configure(PASSWORD_HASHERS=[
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
])
django.setup()
from django.contrib.auth import hashers  # noqa: E402

PLAIN = "correct horse battery staple"
WIDE = "pässwörd – пароль 密码"
LONG = "0123456789" * 8  # 80 bytes
vectors = []


def add(source, password, stored, **more):
    vectors.append({"source": source, "password": password, "hash": stored, **more})


def django_hash(cls, password, **costs):
    hasher = cls()
    for name, value in costs.items():
        setattr(hasher, name, value)
    return hasher.encode(password, hasher.salt())


for password in (PLAIN, WIDE):
    for prefix in (b"2a", b"2b"):
        add("bcrypt", password, bcrypt.hashpw(password.encode(), bcrypt.gensalt(5, prefix)).decode())
    y = bcrypt.hashpw(password.encode(), bcrypt.gensalt(5)).decode()
    add("PHP's form of bcrypt", password, "$2y" + y[3:])
    add("bcrypt, refuses beyond 72 bytes", password, y, never_cut=True)
    for method in ("pbkdf2:sha1:1000", "pbkdf2:sha256:1000", "pbkdf2:sha512:1000", "scrypt:1024:8:1", "scrypt:512:4:2"):
        add("werkzeug", password, generate_password_hash(password, method=method))
    for kind in Type:
        hasher = argon2.PasswordHasher(time_cost=3, memory_cost=1024, parallelism=4, type=kind)
        add("argon2-cffi", password, hasher.hash(password))
    old = argon2.low_level.hash_secret(password.encode(), b"0123456789abcdef", 2, 512, 1, 24, Type.I, version=16)
    add("argon2-cffi, version 1.0", password, old.decode())
    add("django", password, django_hash(hashers.PBKDF2PasswordHasher, password, iterations=1000))
    add("django", password, django_hash(hashers.PBKDF2SHA1PasswordHasher, password, iterations=1000))
    add("django", password, django_hash(hashers.ScryptPasswordHasher, password, work_factor=1024, parallelism=2))
    add("django", password, django_hash(hashers.Argon2PasswordHasher, password, memory_cost=1024))
    add("django", password, django_hash(hashers.BCryptPasswordHasher, password, rounds=5))
    add("django", password, django_hash(hashers.BCryptSHA256PasswordHasher, password, rounds=5))

add("bcrypt, cuts after 72 bytes", LONG, bcrypt.hashpw(LONG.encode()[:72], bcrypt.gensalt(5)).decode())
add("bcrypt, 72 bytes", LONG[:72], bcrypt.hashpw(LONG.encode()[:72], bcrypt.gensalt(5)).decode(), never_cut=True)
add("django", LONG, django_hash(hashers.BCryptSHA256PasswordHasher, LONG, rounds=5))
add("bcrypt, usual cost", PLAIN, bcrypt.hashpw(PLAIN.encode(), bcrypt.gensalt()).decode())
add("argon2-cffi, usual cost", PLAIN, argon2.PasswordHasher().hash(PLAIN))

print(json.dumps(vectors, indent=1, ensure_ascii=False))
