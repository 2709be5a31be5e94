#!/usr/bin/env python3
"""Makes tests/dumps: what four older systems leave behind, with made-up people.

    pip install bcrypt werkzeug && scripts/older_dumps.py postgres://user:password@host/database

The three systems on PostgreSQL are dumped by the real `pg_dump`, out of a schema that is made for it with the tables and columns that
they have. Coglex's folder is written as `mongodump` writes one (BSON, bsonspec.org). Everybody's password is PLAIN, unless the
name says something else.
"""
import datetime
import json
import os
import re
import struct
import subprocess
import sys

import bcrypt
from werkzeug.security import generate_password_hash

PLAIN = "correct horse battery staple"
LONG = "0123456789" * 8
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "dumps")


def bcrypted(password):
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()


def pbkdf2(password):
    return generate_password_hash(password, method="pbkdf2:sha256:1000")


def scrypted(password):
    return generate_password_hash(password, method="scrypt:1024:8:1")


def sql(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (dict, list)):
        value = json.dumps(value)
    return "'" + str(value).replace("'", "''") + "'"


def rows(table, columns, values):
    named = ", ".join(columns.split())
    return "".join(f"INSERT INTO {table} ({named}) VALUES ({', '.join(map(sql, row))});\n" for row in values)


def dumped(name, url, text, *options):
    """Makes a schema of this, dumps it, and takes it away."""
    schema = f"older_{name.replace('-', '_')}"
    script = f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; SET search_path = {schema};\n{text}"
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url], input=script, text=True, check=True)
    command = ["pg_dump", "--no-owner", "--no-privileges", f"--schema={schema}", *options, url]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    subprocess.run(["psql", "-q", url, "-c", f"DROP SCHEMA {schema} CASCADE"], check=True, stderr=subprocess.DEVNULL)
    # Newer versions of pg_dump put random words there.
    dump = re.sub(r"^\\(un)?restrict .*\n", "", dump, flags=re.M)
    # Those systems had a database of their own, and everything in `public`.
    dump = dump.replace(f"{schema}.", "public.").replace(f"CREATE SCHEMA {schema};\n", "").replace(schema, "public")
    os.makedirs(os.path.join(HERE, name), exist_ok=True)
    with open(os.path.join(HERE, name, "dump.sql"), "w") as file:
        file.write(dump)


def aegis(url):
    site = lambda n: f"01890a5d-ac96-774b-bcce-b302099a800{n}"
    user = lambda n: f"01890a5e-0000-7000-8000-00000000000{n}"
    text = """
        CREATE TYPE user_role AS ENUM ('user', 'admin');
        CREATE TABLE sites (uuid uuid PRIMARY KEY, name varchar(255) NOT NULL, domain varchar(255) UNIQUE NOT NULL,
            frontend_url varchar(255) NOT NULL, verification_redirect_url varchar(255), email_from varchar(255) NOT NULL,
            email_from_name varchar(255) NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL,
            allow_self_registration boolean DEFAULT true NOT NULL, webhook_url varchar(512), webhook_secret varchar(255),
            tenant_api_key varchar(64) NOT NULL, mailgun_domain varchar(255), mailgun_api_key varchar(255),
            deletion_protected boolean NOT NULL DEFAULT false);
        CREATE TABLE users (uuid uuid PRIMARY KEY, site_uuid uuid NOT NULL REFERENCES sites(uuid),
            email varchar(255) NOT NULL, password_hash varchar(255), is_verified boolean DEFAULT false,
            role user_role DEFAULT 'user', created_at bigint NOT NULL, updated_at bigint NOT NULL,
            deletion_protected boolean NOT NULL DEFAULT false, UNIQUE (site_uuid, email));
        CREATE TABLE auth_tokens (id serial PRIMARY KEY, site_uuid uuid NOT NULL REFERENCES sites(uuid),
            user_uuid uuid NOT NULL REFERENCES users(uuid), token varchar(255) UNIQUE NOT NULL,
            expires_at bigint NOT NULL, created_at bigint NOT NULL);
    """
    made = 1735689600
    text += rows("sites", """uuid name domain frontend_url verification_redirect_url email_from email_from_name created_at
        updated_at allow_self_registration webhook_url webhook_secret tenant_api_key mailgun_domain mailgun_api_key
        deletion_protected""", [
        (site(1), "Acme Store", "shop.acme.test", "https://shop.acme.test", "https://welcome.acme.test/hello", "hello@acme.test",
         "Acme's Store", made, made, True, "https://hooks.acme.test/aegis", "receivers-know-this-since-long-ago", "k" * 64, "mg.acme.test",
         "mailgun-key", False),
        (site(2), "Vault", "vault.test", "http://vault.test", None, "vault@vault.test", "Vault", made + 1, made + 1, False, None,
         None, "v" * 64, None, None, True),
        (site(3), "Acme Store", "two.acme.test", "https://two.acme.test", None, "two@acme.test", "Two", made + 2, made + 2, True, None,
         None, "w" * 64, None, None, False),
    ])
    text += rows("users", "uuid site_uuid email password_hash is_verified role created_at updated_at deletion_protected", [
        (user(1), site(1), "Ada@acme.test", bcrypted(PLAIN), True, "admin", made + 10, made + 10, False),
        (user(2), site(1), "unproven@acme.test", bcrypted(PLAIN), False, "user", made + 11, made + 11, False),
        (user(3), site(1), "invited@acme.test", None, False, "user", made + 12, made + 12, False),
        (user(4), site(1), "Victim@acme.test", bcrypted("the first victim"), True, "user", made + 13, made + 13, False),
        (user(5), site(1), "victim@acme.test", bcrypted("the second victim"), True, "user", made + 14, made + 14, False),
        (user(6), site(1), "keeper@acme.test", bcrypted(PLAIN), True, "user", made + 15, made + 15, True),
        (user(7), site(1), "long@acme.test", bcrypted(LONG), True, "user", made + 16, made + 16, False),
        (user(8), site(2), "vera@vault.test", bcrypted(PLAIN), True, "user", made + 17, made + 17, False),
        (user(9), site(3), "Ada@acme.test", bcrypted(PLAIN), True, "user", made + 18, made + 18, False),
    ])
    text += rows("auth_tokens", "site_uuid user_uuid token expires_at created_at",
                 [(site(1), user(1), "a-session-that-stays-behind", made + 999999999, made)])
    dumped("aegis", url, text)


def backend_framework(url):
    text = """
        CREATE TABLE tenants (id serial PRIMARY KEY, name varchar(100) NOT NULL, slug varchar(100) UNIQUE NOT NULL,
            domain varchar(255) UNIQUE, is_active boolean, plan varchar(50), max_users integer, settings json,
            created_at timestamp, updated_at timestamp);
        CREATE TABLE users (id serial PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants(id),
            username varchar(80) NOT NULL, email varchar(120) NOT NULL, password_hash varchar(255) NOT NULL,
            role varchar(50), created_at timestamp, updated_at timestamp, is_active boolean,
            UNIQUE (tenant_id, username), UNIQUE (tenant_id, email));
        CREATE TABLE oauth2_clients (id serial PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants(id),
            client_id varchar(48) UNIQUE NOT NULL, client_secret varchar(120), client_name varchar(100) NOT NULL,
            redirect_uris text, token_endpoint_auth_method varchar(48), grant_types text, response_types text, scope text,
            user_id integer REFERENCES users(id), created_at timestamp);
        CREATE TABLE oauth2_tokens (id serial PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants(id),
            user_id integer, client_id varchar(48) NOT NULL, token_type varchar(40), access_token varchar(255) UNIQUE NOT NULL,
            refresh_token varchar(255), scope text, revoked boolean, issued_at integer NOT NULL,
            access_token_expires_at integer NOT NULL, refresh_token_expires_at integer);
    """
    at = "2025-11-03 10:15:00.123456"
    text += rows("tenants", "id name slug domain is_active plan max_users settings created_at updated_at", [
        (1, "Acme Corporation", "acme", "login.acme.test", True, "enterprise", 10, {"theme": "dark"}, at, at),
        (2, "Sleeping", "sleeping", None, False, "free", 10, {}, at, at),
        (3, "Too Short", "ab", None, True, "free", 10, {}, at, at),
    ])
    text += rows("users", "id tenant_id username email password_hash role created_at updated_at is_active", [
        (1, 1, "founder", "founder@acme.test", pbkdf2(PLAIN), "owner", at, at, True),
        (2, 1, "climber", "climber@acme.test", scrypted(PLAIN), "owner", at, at, True),
        (3, 1, "helper", "helper@acme.test", scrypted(PLAIN), "admin", at, at, True),
        (4, 1, "gone", "gone@acme.test", pbkdf2(PLAIN), "user", at, at, False),
        (5, 1, "Bob O'Brien", "bob@acme.test", pbkdf2(PLAIN), "user", at, at, True),
        (6, 1, "nowhere", "not an address", pbkdf2(PLAIN), "user", at, at, True),
        (7, 2, "sleeper", "sleeper@sleeping.test", pbkdf2(PLAIN), "owner", at, at, True),
        (8, 3, "short", "short@ab.test", pbkdf2(PLAIN), "owner", at, at, True),
    ])
    text += rows("oauth2_clients", """tenant_id client_id client_secret client_name redirect_uris token_endpoint_auth_method
        grant_types response_types scope user_id created_at""", [
        (1, "web-of-acme", "a-secret-in-the-clear", "Web", "https://app.acme.test/cb http://app.acme.test/cb",
         "client_secret_basic", "authorization_code refresh_token password", "code token", "openid profile read write admin", 1, at),
        (1, "robot-of-acme", "another-secret", "Robot", "", "client_secret_post",
         "client_credentials", "", "read", 1, at),
        (1, "spa", None, "Single page", "https://spa.acme.test/", "none", "authorization_code", "code", "openid", 2, at),
        (1, "broken", "yet-another", "Broken\nname", "https://x.acme.test/", "client_secret_basic", "authorization_code", "code", "openid", 2, at),
    ])
    text += rows("oauth2_tokens", "tenant_id user_id client_id token_type access_token scope revoked issued_at access_token_expires_at",
                 [(1, 1, "spa", "Bearer", "a-token-that-stays-behind", "openid", False, 1762164900, 1999999999)])
    dumped("backend-framework", url, text, "--column-inserts")


def authy2(url):
    user = lambda n: f"1f8b7c1e-3c6b-4d2a-9f5e-00000000000{n}"
    organization = lambda n: f"2f8b7c1e-3c6b-4d2a-9f5e-00000000000{n}"
    method = iter(f"3f8b7c1e-3c6b-4d2a-9f5e-0000000000{n:02}" for n in range(1, 99))
    member = iter(f"4f8b7c1e-3c6b-4d2a-9f5e-0000000000{n:02}" for n in range(1, 99))
    base = "id varchar(36) PRIMARY KEY, created_at timestamp NOT NULL, updated_at timestamp NOT NULL, deleted_at timestamp"
    text = f"""
        CREATE TYPE userstatus AS ENUM ('ACTIVE', 'INACTIVE', 'SUSPENDED', 'PENDING', 'COMPLIANCE_SUSPENDED');
        CREATE TYPE organizationrole AS ENUM ('OWNER', 'ADMIN', 'MEMBER', 'GUEST');
        CREATE TYPE authmethodtype AS ENUM ('PASSWORD', 'TOTP', 'GOOGLE', 'GITHUB', 'MICROSOFT', 'SAML', 'OIDC', 'WEBAUTHN');
        CREATE TYPE mfapolicymode AS ENUM ('DISABLED', 'OPTIONAL', 'REQUIRE_TOTP', 'REQUIRE_WEBAUTHN', 'REQUIRE_TOTP_OR_WEBAUTHN');
        CREATE TABLE users ({base}, email varchar(255) UNIQUE NOT NULL, email_verified boolean NOT NULL, full_name varchar(255),
            avatar_url varchar(512), status userstatus NOT NULL, last_login_at timestamp, last_login_ip varchar(45));
        CREATE TABLE authentication_methods ({base}, user_id varchar(36) NOT NULL REFERENCES users(id),
            method_type authmethodtype NOT NULL, password_hash varchar(255), provider_user_id varchar(255), provider_data json,
            totp_secret varchar(32), totp_backup_codes json, totp_verified_at timestamp, is_primary boolean NOT NULL,
            verified boolean NOT NULL, last_used_at timestamp);
        CREATE TABLE organizations ({base}, name varchar(255) NOT NULL, slug varchar(255) UNIQUE NOT NULL, description text,
            logo_url varchar(512), is_active boolean NOT NULL, settings json);
        CREATE TABLE organization_members ({base}, user_id varchar(36) NOT NULL REFERENCES users(id),
            organization_id varchar(36) NOT NULL REFERENCES organizations(id), role organizationrole NOT NULL,
            invited_by_id varchar(36), invited_at timestamp, joined_at timestamp, UNIQUE (user_id, organization_id));
        CREATE TABLE organization_security_policies ({base}, organization_id varchar(36) UNIQUE NOT NULL REFERENCES organizations(id),
            mfa_policy_mode mfapolicymode NOT NULL, mfa_grace_period_days integer NOT NULL, notify_days_before integer NOT NULL,
            policy_version integer NOT NULL, updated_by_user_id varchar(36));
        CREATE TABLE oidc_clients ({base}, organization_id varchar(36) NOT NULL REFERENCES organizations(id),
            name varchar(255) NOT NULL, client_id varchar(255) UNIQUE NOT NULL, client_secret_hash varchar(255) NOT NULL,
            redirect_uris json NOT NULL, grant_types json NOT NULL, response_types json NOT NULL, scopes json NOT NULL,
            logo_uri varchar(512), client_uri varchar(512), policy_uri varchar(512), tos_uri varchar(512),
            is_active boolean NOT NULL, is_confidential boolean NOT NULL, require_pkce boolean NOT NULL,
            access_token_lifetime integer NOT NULL, refresh_token_lifetime integer NOT NULL, id_token_lifetime integer NOT NULL);
    """
    at, later = "2025-03-01 08:00:00", "2025-06-01 08:00:00"
    text += rows("users", "id created_at updated_at deleted_at email email_verified full_name avatar_url status", [
        (user(1), at, at, None, "ada@one.test", True, "Ada Lovelace", "https://one.test/ada.png", "ACTIVE"),
        (user(2), at, at, None, "bob@one.test", True, "Bob", None, "SUSPENDED"),
        (user(3), at, later, later, "eve@one.test", True, "Eve", None, "ACTIVE"),
        (user(4), at, at, None, "carol@one.test", True, "Carol", None, "COMPLIANCE_SUSPENDED"),
        (user(5), at, at, None, "dan@one.test", False, None, None, "ACTIVE"),
    ])
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    passkey = {"credential_id": "AAAA", "public_key_cose": "BBBB", "sign_count": 0, "name": "Phone \"one\"\\two"}
    text += rows("authentication_methods", """id created_at updated_at deleted_at user_id method_type password_hash provider_user_id
        provider_data is_primary verified""", [
        *[(next(method), at, at, None, user(n), "PASSWORD", bcrypted(PLAIN), None, None, True, True) for n in range(1, 6)],
        (next(method), at, at, None, user(1), "TOTP", None, None, {"secret": seed, "backup_codes": [bcrypted("code")]}, False, True),
        (next(method), later, later, None, user(5), "TOTP", None, None, {"secret": seed}, False, False),
        (next(method), at, at, None, user(1), "GITHUB", None, "4711", {"email": "ada@one.test"}, False, True),
        (next(method), at, at, None, user(5), "GOOGLE", None, "g-5", {"email": "dan@one.test"}, False, False),
        (next(method), at, at, None, user(5), "WEBAUTHN", None, None, passkey, False, True),
        (next(method), at, later, later, user(5), "GITHUB", None, "4712", {}, False, True),
    ])
    text += rows("organizations", "id created_at updated_at deleted_at name slug description logo_url is_active settings", [
        (organization(1), at, at, None, "Acme Inc.", "acme", "All kinds of things", None, True, {"color": "red"}),
        (organization(2), at, later, later, "Gone", "gone", None, None, True, {}),
        (organization(3), at, at, None, "Odd", "Odd_One", None, None, False, {}),
    ])
    text += rows("organization_members", "id created_at updated_at deleted_at user_id organization_id role joined_at", [
        (next(member), at, at, None, user(1), organization(1), "OWNER", at),
        (next(member), at, at, None, user(2), organization(1), "ADMIN", later),
        (next(member), at, later, later, user(5), organization(1), "MEMBER", at),
        (next(member), at, at, None, user(3), organization(1), "GUEST", at),
        (next(member), at, at, None, user(5), organization(3), "GUEST", None),
    ])
    text += rows("organization_security_policies", """id created_at updated_at organization_id mfa_policy_mode mfa_grace_period_days
        notify_days_before policy_version""", [(next(member), at, at, organization(1), "REQUIRE_TOTP", 14, 7, 1)])
    text += rows("oidc_clients", """id created_at updated_at deleted_at organization_id name client_id client_secret_hash redirect_uris
        grant_types response_types scopes is_active is_confidential require_pkce access_token_lifetime refresh_token_lifetime
        id_token_lifetime""", [
        (next(member), at, at, None, organization(1), "Web", "acme-web", bcrypted("x"), ["https://web.acme.test/cb"],
         ["authorization_code", "refresh_token"], ["code"], ["openid", "profile", "email"], True, True, True, 900, 86400, 900),
        (next(member), at, at, None, organization(1), "Phone", "acme-phone", bcrypted("y"), ["com.acme.app:/cb"],
         ["authorization_code", "implicit"], ["code"], ["openid"], False, False, True, 3600, 2592000, 3600),
        (next(member), at, later, later, organization(1), "Old", "acme-old", bcrypted("z"), [], [], [], [], True, True, True, 60, 60, 60),
    ])
    dumped("authy2", url, text)


class ObjectId(str):
    pass


class Decimal(bytes):
    pass


class Pattern(str):
    pass


def element(name, value):
    head = name.encode() + b"\0"
    if value is None:
        return b"\x0a" + head
    if isinstance(value, bool):
        return b"\x08" + head + bytes([value])
    if isinstance(value, ObjectId):
        return b"\x07" + head + bytes.fromhex(value)
    if isinstance(value, Decimal):
        return b"\x13" + head + value
    if isinstance(value, Pattern):
        return b"\x0b" + head + value.encode() + b"\0i\0"
    if isinstance(value, str):
        text = value.encode() + b"\0"
        return b"\x02" + head + struct.pack("<i", len(text)) + text
    if isinstance(value, int):
        return b"\x10" + head + struct.pack("<i", value) if abs(value) < 2**31 else b"\x12" + head + struct.pack("<q", value)
    if isinstance(value, float):
        return b"\x01" + head + struct.pack("<d", value)
    if isinstance(value, datetime.datetime):
        return b"\x09" + head + struct.pack("<q", round(value.timestamp() * 1000))
    if isinstance(value, bytes):
        return b"\x05" + head + struct.pack("<i", len(value)) + b"\0" + value
    if isinstance(value, list):
        return b"\x04" + head + bson({str(n): item for n, item in enumerate(value)})
    return b"\x03" + head + bson(value)


def bson(document):
    inside = b"".join(element(name, value) for name, value in document.items())
    return struct.pack("<i", len(inside) + 5) + inside + b"\0"


def coglex():
    at = datetime.datetime(2025, 9, 1, 12, 0, 0, 123000, datetime.timezone.utc)
    later = datetime.datetime(2025, 10, 2, 12, 0, 0, 456000, datetime.timezone.utc)
    oid = lambda n: f"66d1f0c2a1b2c3d4e5f6{n:04}"
    users = [
        {"_key": "ada@shop.test", "_password": bcrypted(PLAIN), "name": "Ada", "_id": oid(1), "_inserted": at, "_patched": later},
        {"_key": "bob", "_password": bcrypted(PLAIN), "role": "admin", "_id": oid(2), "_inserted": at},
        {"_key": "grace@shop.test", "_password": "stored as it was typed", "_id": oid(3), "_inserted": at, "_patched": later},
        {"_key": "nameless", "_password": "also in the clear", "_id": oid(4), "_inserted": at},
        {"_key": "twin@shop.test", "_password": bcrypted("the first twin"), "_id": oid(5), "_inserted": at},
        {"_key": "twin@shop.test", "_password": bcrypted("the second twin"), "_id": oid(6), "_inserted": at},
        {"_key": "idle@shop.test", "_password": bcrypted(PLAIN), "active": False, "_id": oid(7), "_inserted": at},
        {"_key": "social@shop.test", "_password": None, "visits": 2**40, "_id": oid(8), "_inserted": at},
        {"_key": "two words", "_password": bcrypted(PLAIN), "_id": oid(9), "_inserted": at},
    ]
    price = (1999 | (6176 - 2) << 113).to_bytes(16, "little")
    orders = [
        {"_id": oid(11), "by": "ada@shop.test", "total": Decimal(price), "paid": at, "lines": [{"n": 2, "of": "tea"}],
         "_inserted": at, "_patched": later},
        {"_id": ObjectId(oid(12)), "big": 2**53 + 1, "part": 0.1, "ref": ObjectId(oid(1)), "raw": b"\x01\x02", "none": None},
        {"_id": oid(13), "like": Pattern("^tea"), "_inserted": at},
        {"_id": oid(14), "a.b": 1, "_inserted": at},
        {"_id": {"not": "a text"}, "n": 1},
    ]
    archive = [
        {"_filename": "report.txt", "_filepath": "coglex/static/documents/report.txt", "_filesize": 27, "_filetype": "text/plain",
         "_id": oid(21), "_inserted": at},
        {"_filename": "lost.txt", "_filepath": "coglex/static/documents/lost.txt", "_filesize": 1, "_filetype": "text/plain",
         "_id": oid(22), "_inserted": at},
    ]
    admins = [{"_key": "root@shop.test", "_password": bcrypted(PLAIN), "_id": oid(31), "_inserted": at}]
    folder = os.path.join(HERE, "coglex", "dump", "coglex")
    os.makedirs(folder, exist_ok=True)
    for file, name, documents, indexes in [
        ("_USERS", "_USERS", users, []),
        ("_ADMINS", "_ADMINS", admins, []),
        ("_ARCHIVE", "_ARCHIVE", archive, []),
        ("orders", "orders", orders, ["by_1"]),
        ("odd%2Ename", "odd.name", [{"_id": oid(41)}], []),
    ]:
        with open(os.path.join(folder, f"{file}.bson"), "wb") as out:
            out.write(b"".join(map(bson, documents)))
        told = [{"v": {"$numberInt": "2"}, "key": {"_id": {"$numberInt": "1"}}, "name": "_id_"}]
        told += [{"v": {"$numberInt": "2"}, "key": {"by": {"$numberInt": "1"}}, "name": index} for index in indexes]
        with open(os.path.join(folder, f"{file}.metadata.json"), "w") as out:
            json.dump({"indexes": told, "uuid": "0" * 32, "collectionName": name, "type": "collection"}, out)
    documents = os.path.join(HERE, "coglex", "documents")
    os.makedirs(documents, exist_ok=True)
    with open(os.path.join(documents, "report.txt"), "w") as out:
        out.write("what was once worth keeping")


if __name__ == "__main__":
    for system in (aegis, backend_framework, authy2):
        system(sys.argv[1])
    coglex()
