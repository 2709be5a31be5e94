--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: public; Type: SCHEMA; Schema: -; Owner: -
--



--
-- Name: authmethodtype; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.authmethodtype AS ENUM (
    'PASSWORD',
    'TOTP',
    'GOOGLE',
    'GITHUB',
    'MICROSOFT',
    'SAML',
    'OIDC',
    'WEBAUTHN'
);


--
-- Name: mfapolicymode; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.mfapolicymode AS ENUM (
    'DISABLED',
    'OPTIONAL',
    'REQUIRE_TOTP',
    'REQUIRE_WEBAUTHN',
    'REQUIRE_TOTP_OR_WEBAUTHN'
);


--
-- Name: organizationrole; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.organizationrole AS ENUM (
    'OWNER',
    'ADMIN',
    'MEMBER',
    'GUEST'
);


--
-- Name: userstatus; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.userstatus AS ENUM (
    'ACTIVE',
    'INACTIVE',
    'SUSPENDED',
    'PENDING',
    'COMPLIANCE_SUSPENDED'
);


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: authentication_methods; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.authentication_methods (
    id character varying(36) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    deleted_at timestamp without time zone,
    user_id character varying(36) NOT NULL,
    method_type public.authmethodtype NOT NULL,
    password_hash character varying(255),
    provider_user_id character varying(255),
    provider_data json,
    totp_secret character varying(32),
    totp_backup_codes json,
    totp_verified_at timestamp without time zone,
    is_primary boolean NOT NULL,
    verified boolean NOT NULL,
    last_used_at timestamp without time zone
);


--
-- Name: oidc_clients; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oidc_clients (
    id character varying(36) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    deleted_at timestamp without time zone,
    organization_id character varying(36) NOT NULL,
    name character varying(255) NOT NULL,
    client_id character varying(255) NOT NULL,
    client_secret_hash character varying(255) NOT NULL,
    redirect_uris json NOT NULL,
    grant_types json NOT NULL,
    response_types json NOT NULL,
    scopes json NOT NULL,
    logo_uri character varying(512),
    client_uri character varying(512),
    policy_uri character varying(512),
    tos_uri character varying(512),
    is_active boolean NOT NULL,
    is_confidential boolean NOT NULL,
    require_pkce boolean NOT NULL,
    access_token_lifetime integer NOT NULL,
    refresh_token_lifetime integer NOT NULL,
    id_token_lifetime integer NOT NULL
);


--
-- Name: organization_members; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organization_members (
    id character varying(36) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    deleted_at timestamp without time zone,
    user_id character varying(36) NOT NULL,
    organization_id character varying(36) NOT NULL,
    role public.organizationrole NOT NULL,
    invited_by_id character varying(36),
    invited_at timestamp without time zone,
    joined_at timestamp without time zone
);


--
-- Name: organization_security_policies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organization_security_policies (
    id character varying(36) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    deleted_at timestamp without time zone,
    organization_id character varying(36) NOT NULL,
    mfa_policy_mode public.mfapolicymode NOT NULL,
    mfa_grace_period_days integer NOT NULL,
    notify_days_before integer NOT NULL,
    policy_version integer NOT NULL,
    updated_by_user_id character varying(36)
);


--
-- Name: organizations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organizations (
    id character varying(36) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    deleted_at timestamp without time zone,
    name character varying(255) NOT NULL,
    slug character varying(255) NOT NULL,
    description text,
    logo_url character varying(512),
    is_active boolean NOT NULL,
    settings json
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id character varying(36) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    deleted_at timestamp without time zone,
    email character varying(255) NOT NULL,
    email_verified boolean NOT NULL,
    full_name character varying(255),
    avatar_url character varying(512),
    status public.userstatus NOT NULL,
    last_login_at timestamp without time zone,
    last_login_ip character varying(45)
);


--
-- Data for Name: authentication_methods; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.authentication_methods (id, created_at, updated_at, deleted_at, user_id, method_type, password_hash, provider_user_id, provider_data, totp_secret, totp_backup_codes, totp_verified_at, is_primary, verified, last_used_at) FROM stdin;
3f8b7c1e-3c6b-4d2a-9f5e-000000000001	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000001	PASSWORD	$2b$04$PV8Rk1s/JIFZpuMAqXB58OOvKuuRKNacQikOvNq8j0hX.z33m1vUq	\N	\N	\N	\N	\N	t	t	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000002	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000002	PASSWORD	$2b$04$mSiMLkRXmhjrjTlnlvxKZOj6w1fOoq/xHz8Fv5b.rPRd0xJvbX1oO	\N	\N	\N	\N	\N	t	t	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000003	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000003	PASSWORD	$2b$04$QPcfKfCxDZEqhCJLmj7Qw.sAswiZyuw3pxnhgaF2.hPYDQafJxBfS	\N	\N	\N	\N	\N	t	t	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000004	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000004	PASSWORD	$2b$04$QZsy.o3eH6DtToPuV8MKrO3ac1oHDsSM7EvAqEvKs/BPnYxy4CKf6	\N	\N	\N	\N	\N	t	t	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000005	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000005	PASSWORD	$2b$04$xG4QR.8DSnK5NK/UFlcEN.Q3eI44y0dU4pHbzuAaloGZivGHf.H6y	\N	\N	\N	\N	\N	t	t	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000006	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000001	TOTP	\N	\N	{"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "backup_codes": ["$2b$04$aDGmAA.6NjN4vwg7iDDB.uCTW/CSqyPBCNct26dHkFhvibiA2/Sda"]}	\N	\N	\N	f	t	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000007	2025-06-01 08:00:00	2025-06-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000005	TOTP	\N	\N	{"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}	\N	\N	\N	f	f	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000008	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000001	GITHUB	\N	4711	{"email": "ada@one.test"}	\N	\N	\N	f	t	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000009	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000005	GOOGLE	\N	g-5	{"email": "dan@one.test"}	\N	\N	\N	f	f	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000010	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000005	WEBAUTHN	\N	\N	{"credential_id": "AAAA", "public_key_cose": "BBBB", "sign_count": 0, "name": "Phone \\"one\\"\\\\two"}	\N	\N	\N	f	t	\N
3f8b7c1e-3c6b-4d2a-9f5e-000000000011	2025-03-01 08:00:00	2025-06-01 08:00:00	2025-06-01 08:00:00	1f8b7c1e-3c6b-4d2a-9f5e-000000000005	GITHUB	\N	4712	{}	\N	\N	\N	f	t	\N
\.


--
-- Data for Name: oidc_clients; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.oidc_clients (id, created_at, updated_at, deleted_at, organization_id, name, client_id, client_secret_hash, redirect_uris, grant_types, response_types, scopes, logo_uri, client_uri, policy_uri, tos_uri, is_active, is_confidential, require_pkce, access_token_lifetime, refresh_token_lifetime, id_token_lifetime) FROM stdin;
4f8b7c1e-3c6b-4d2a-9f5e-000000000007	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	2f8b7c1e-3c6b-4d2a-9f5e-000000000001	Web	acme-web	$2b$04$I4HWbltvNagDa.a5IqPmgexBjJgJcLaPUQWfXRKuwsxdvT8NJXw7e	["https://web.acme.test/cb"]	["authorization_code", "refresh_token"]	["code"]	["openid", "profile", "email"]	\N	\N	\N	\N	t	t	t	900	86400	900
4f8b7c1e-3c6b-4d2a-9f5e-000000000008	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	2f8b7c1e-3c6b-4d2a-9f5e-000000000001	Phone	acme-phone	$2b$04$WspZAiuJNxfWLq9FBAHPiOenNdCz/JQpkBetJ9QbGeomAhkksldOy	["com.acme.app:/cb"]	["authorization_code", "implicit"]	["code"]	["openid"]	\N	\N	\N	\N	f	f	t	3600	2592000	3600
4f8b7c1e-3c6b-4d2a-9f5e-000000000009	2025-03-01 08:00:00	2025-06-01 08:00:00	2025-06-01 08:00:00	2f8b7c1e-3c6b-4d2a-9f5e-000000000001	Old	acme-old	$2b$04$sy4eOtY3My3R1h5CtYzH4.jsInNNkzUXXdmvQEtek0eyUPmIYzpm.	[]	[]	[]	[]	\N	\N	\N	\N	t	t	t	60	60	60
\.


--
-- Data for Name: organization_members; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.organization_members (id, created_at, updated_at, deleted_at, user_id, organization_id, role, invited_by_id, invited_at, joined_at) FROM stdin;
4f8b7c1e-3c6b-4d2a-9f5e-000000000001	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000001	2f8b7c1e-3c6b-4d2a-9f5e-000000000001	OWNER	\N	\N	2025-03-01 08:00:00
4f8b7c1e-3c6b-4d2a-9f5e-000000000002	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000002	2f8b7c1e-3c6b-4d2a-9f5e-000000000001	ADMIN	\N	\N	2025-06-01 08:00:00
4f8b7c1e-3c6b-4d2a-9f5e-000000000003	2025-03-01 08:00:00	2025-06-01 08:00:00	2025-06-01 08:00:00	1f8b7c1e-3c6b-4d2a-9f5e-000000000005	2f8b7c1e-3c6b-4d2a-9f5e-000000000001	MEMBER	\N	\N	2025-03-01 08:00:00
4f8b7c1e-3c6b-4d2a-9f5e-000000000004	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000003	2f8b7c1e-3c6b-4d2a-9f5e-000000000001	GUEST	\N	\N	2025-03-01 08:00:00
4f8b7c1e-3c6b-4d2a-9f5e-000000000005	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	1f8b7c1e-3c6b-4d2a-9f5e-000000000005	2f8b7c1e-3c6b-4d2a-9f5e-000000000003	GUEST	\N	\N	\N
\.


--
-- Data for Name: organization_security_policies; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.organization_security_policies (id, created_at, updated_at, deleted_at, organization_id, mfa_policy_mode, mfa_grace_period_days, notify_days_before, policy_version, updated_by_user_id) FROM stdin;
4f8b7c1e-3c6b-4d2a-9f5e-000000000006	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	2f8b7c1e-3c6b-4d2a-9f5e-000000000001	REQUIRE_TOTP	14	7	1	\N
\.


--
-- Data for Name: organizations; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.organizations (id, created_at, updated_at, deleted_at, name, slug, description, logo_url, is_active, settings) FROM stdin;
2f8b7c1e-3c6b-4d2a-9f5e-000000000001	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	Acme Inc.	acme	All kinds of things	\N	t	{"color": "red"}
2f8b7c1e-3c6b-4d2a-9f5e-000000000002	2025-03-01 08:00:00	2025-06-01 08:00:00	2025-06-01 08:00:00	Gone	gone	\N	\N	t	{}
2f8b7c1e-3c6b-4d2a-9f5e-000000000003	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	Odd	Odd_One	\N	\N	f	{}
\.


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.users (id, created_at, updated_at, deleted_at, email, email_verified, full_name, avatar_url, status, last_login_at, last_login_ip) FROM stdin;
1f8b7c1e-3c6b-4d2a-9f5e-000000000001	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	ada@one.test	t	Ada Lovelace	https://one.test/ada.png	ACTIVE	\N	\N
1f8b7c1e-3c6b-4d2a-9f5e-000000000002	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	bob@one.test	t	Bob	\N	SUSPENDED	\N	\N
1f8b7c1e-3c6b-4d2a-9f5e-000000000003	2025-03-01 08:00:00	2025-06-01 08:00:00	2025-06-01 08:00:00	eve@one.test	t	Eve	\N	ACTIVE	\N	\N
1f8b7c1e-3c6b-4d2a-9f5e-000000000004	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	carol@one.test	t	Carol	\N	COMPLIANCE_SUSPENDED	\N	\N
1f8b7c1e-3c6b-4d2a-9f5e-000000000005	2025-03-01 08:00:00	2025-03-01 08:00:00	\N	dan@one.test	f	\N	\N	ACTIVE	\N	\N
\.


--
-- Name: authentication_methods authentication_methods_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.authentication_methods
    ADD CONSTRAINT authentication_methods_pkey PRIMARY KEY (id);


--
-- Name: oidc_clients oidc_clients_client_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oidc_clients
    ADD CONSTRAINT oidc_clients_client_id_key UNIQUE (client_id);


--
-- Name: oidc_clients oidc_clients_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oidc_clients
    ADD CONSTRAINT oidc_clients_pkey PRIMARY KEY (id);


--
-- Name: organization_members organization_members_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_pkey PRIMARY KEY (id);


--
-- Name: organization_members organization_members_user_id_organization_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_user_id_organization_id_key UNIQUE (user_id, organization_id);


--
-- Name: organization_security_policies organization_security_policies_organization_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_security_policies
    ADD CONSTRAINT organization_security_policies_organization_id_key UNIQUE (organization_id);


--
-- Name: organization_security_policies organization_security_policies_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_security_policies
    ADD CONSTRAINT organization_security_policies_pkey PRIMARY KEY (id);


--
-- Name: organizations organizations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);


--
-- Name: organizations organizations_slug_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_slug_key UNIQUE (slug);


--
-- Name: users users_email_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: authentication_methods authentication_methods_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.authentication_methods
    ADD CONSTRAINT authentication_methods_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: oidc_clients oidc_clients_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oidc_clients
    ADD CONSTRAINT oidc_clients_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- Name: organization_members organization_members_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- Name: organization_members organization_members_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: organization_security_policies organization_security_policies_organization_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_security_policies
    ADD CONSTRAINT organization_security_policies_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);


--
-- PostgreSQL database dump complete
--


