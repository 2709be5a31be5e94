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



SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: oauth2_clients; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oauth2_clients (
    id integer NOT NULL,
    tenant_id integer NOT NULL,
    client_id character varying(48) NOT NULL,
    client_secret character varying(120),
    client_name character varying(100) NOT NULL,
    redirect_uris text,
    token_endpoint_auth_method character varying(48),
    grant_types text,
    response_types text,
    scope text,
    user_id integer,
    created_at timestamp without time zone
);


--
-- Name: oauth2_clients_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.oauth2_clients_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: oauth2_clients_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.oauth2_clients_id_seq OWNED BY public.oauth2_clients.id;


--
-- Name: oauth2_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oauth2_tokens (
    id integer NOT NULL,
    tenant_id integer NOT NULL,
    user_id integer,
    client_id character varying(48) NOT NULL,
    token_type character varying(40),
    access_token character varying(255) NOT NULL,
    refresh_token character varying(255),
    scope text,
    revoked boolean,
    issued_at integer NOT NULL,
    access_token_expires_at integer NOT NULL,
    refresh_token_expires_at integer
);


--
-- Name: oauth2_tokens_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.oauth2_tokens_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: oauth2_tokens_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.oauth2_tokens_id_seq OWNED BY public.oauth2_tokens.id;


--
-- Name: tenants; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tenants (
    id integer NOT NULL,
    name character varying(100) NOT NULL,
    slug character varying(100) NOT NULL,
    domain character varying(255),
    is_active boolean,
    plan character varying(50),
    max_users integer,
    settings json,
    created_at timestamp without time zone,
    updated_at timestamp without time zone
);


--
-- Name: tenants_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.tenants_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: tenants_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.tenants_id_seq OWNED BY public.tenants.id;


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id integer NOT NULL,
    tenant_id integer NOT NULL,
    username character varying(80) NOT NULL,
    email character varying(120) NOT NULL,
    password_hash character varying(255) NOT NULL,
    role character varying(50),
    created_at timestamp without time zone,
    updated_at timestamp without time zone,
    is_active boolean
);


--
-- Name: users_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.users_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: users_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;


--
-- Name: oauth2_clients id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oauth2_clients ALTER COLUMN id SET DEFAULT nextval('public.oauth2_clients_id_seq'::regclass);


--
-- Name: oauth2_tokens id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oauth2_tokens ALTER COLUMN id SET DEFAULT nextval('public.oauth2_tokens_id_seq'::regclass);


--
-- Name: tenants id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tenants ALTER COLUMN id SET DEFAULT nextval('public.tenants_id_seq'::regclass);


--
-- Name: users id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);


--
-- Data for Name: oauth2_clients; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.oauth2_clients (id, tenant_id, client_id, client_secret, client_name, redirect_uris, token_endpoint_auth_method, grant_types, response_types, scope, user_id, created_at) VALUES (1, 1, 'web-of-acme', 'a-secret-in-the-clear', 'Web', 'https://app.acme.test/cb http://app.acme.test/cb', 'client_secret_basic', 'authorization_code refresh_token password', 'code token', 'openid profile read write admin', 1, '2025-11-03 10:15:00.123456');
INSERT INTO public.oauth2_clients (id, tenant_id, client_id, client_secret, client_name, redirect_uris, token_endpoint_auth_method, grant_types, response_types, scope, user_id, created_at) VALUES (2, 1, 'robot-of-acme', 'another-secret', 'Robot', '', 'client_secret_post', 'client_credentials', '', 'read', 1, '2025-11-03 10:15:00.123456');
INSERT INTO public.oauth2_clients (id, tenant_id, client_id, client_secret, client_name, redirect_uris, token_endpoint_auth_method, grant_types, response_types, scope, user_id, created_at) VALUES (3, 1, 'spa', NULL, 'Single page', 'https://spa.acme.test/', 'none', 'authorization_code', 'code', 'openid', 2, '2025-11-03 10:15:00.123456');
INSERT INTO public.oauth2_clients (id, tenant_id, client_id, client_secret, client_name, redirect_uris, token_endpoint_auth_method, grant_types, response_types, scope, user_id, created_at) VALUES (4, 1, 'broken', 'yet-another', 'Broken
name', 'https://x.acme.test/', 'client_secret_basic', 'authorization_code', 'code', 'openid', 2, '2025-11-03 10:15:00.123456');


--
-- Data for Name: oauth2_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.oauth2_tokens (id, tenant_id, user_id, client_id, token_type, access_token, refresh_token, scope, revoked, issued_at, access_token_expires_at, refresh_token_expires_at) VALUES (1, 1, 1, 'spa', 'Bearer', 'a-token-that-stays-behind', NULL, 'openid', false, 1762164900, 1999999999, NULL);


--
-- Data for Name: tenants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tenants (id, name, slug, domain, is_active, plan, max_users, settings, created_at, updated_at) VALUES (1, 'Acme Corporation', 'acme', 'login.acme.test', true, 'enterprise', 10, '{"theme": "dark"}', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456');
INSERT INTO public.tenants (id, name, slug, domain, is_active, plan, max_users, settings, created_at, updated_at) VALUES (2, 'Sleeping', 'sleeping', NULL, false, 'free', 10, '{}', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456');
INSERT INTO public.tenants (id, name, slug, domain, is_active, plan, max_users, settings, created_at, updated_at) VALUES (3, 'Too Short', 'ab', NULL, true, 'free', 10, '{}', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456');


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.users (id, tenant_id, username, email, password_hash, role, created_at, updated_at, is_active) VALUES (1, 1, 'founder', 'founder@acme.test', 'pbkdf2:sha256:1000$6eRPqapeWi0zrTZf$e2154301b7c9c381faf8af3ee9acbad907188c04aa4a6a50e606a5c8bafbb155', 'owner', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456', true);
INSERT INTO public.users (id, tenant_id, username, email, password_hash, role, created_at, updated_at, is_active) VALUES (2, 1, 'climber', 'climber@acme.test', 'scrypt:1024:8:1$AKI1PFLWr6h7iwcR$5959efcd4e7a641d9eb294104035b7df7cdd5d024b994963c3d9abf745c262fe4be932f4eeebf3bf9ab052b54425911a98fb3a33b41be5bde004aec101caccd0', 'owner', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456', true);
INSERT INTO public.users (id, tenant_id, username, email, password_hash, role, created_at, updated_at, is_active) VALUES (3, 1, 'helper', 'helper@acme.test', 'scrypt:1024:8:1$dCmkuQIxoBDnxtxr$bc6ca4af3a276f181007a2a8dd459e1a89a980cbbceb5276c293886fe1d11e7422bf2be70187754042a3ef20c48cccf4bfbc46cd3b49bbd8b96ffd88a719fc08', 'admin', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456', true);
INSERT INTO public.users (id, tenant_id, username, email, password_hash, role, created_at, updated_at, is_active) VALUES (4, 1, 'gone', 'gone@acme.test', 'pbkdf2:sha256:1000$PvOKyRUW7OyHZQwM$7dc32c63f16afc5b878128026415ba4f9ba0027fd2888c3019d18c3a4bcf4e53', 'user', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456', false);
INSERT INTO public.users (id, tenant_id, username, email, password_hash, role, created_at, updated_at, is_active) VALUES (5, 1, 'Bob O''Brien', 'bob@acme.test', 'pbkdf2:sha256:1000$X8KASneDyuO4rkCK$433242cea78bb0b33cf68ef49a5f462a6043286c64e0ae1587b08d9e1bf289a7', 'user', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456', true);
INSERT INTO public.users (id, tenant_id, username, email, password_hash, role, created_at, updated_at, is_active) VALUES (6, 1, 'nowhere', 'not an address', 'pbkdf2:sha256:1000$JUgHR7RGK02KwVZo$1ddc1402351831bf8ff78d3495a25e0f8b02ae251a6f6febe02cc9ba5badef78', 'user', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456', true);
INSERT INTO public.users (id, tenant_id, username, email, password_hash, role, created_at, updated_at, is_active) VALUES (7, 2, 'sleeper', 'sleeper@sleeping.test', 'pbkdf2:sha256:1000$tst8hhm7L2gv9TsP$075c3def693d0d4215bd7b0e7f3002d9de6a1902150ed223034382712ec77a92', 'owner', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456', true);
INSERT INTO public.users (id, tenant_id, username, email, password_hash, role, created_at, updated_at, is_active) VALUES (8, 3, 'short', 'short@ab.test', 'pbkdf2:sha256:1000$iBBLGd0uDoPs081l$4a7f7ba5a63e04334bdf8675255c170c8e7db0adeb0fc31ebc82a2f3be7ea4ef', 'owner', '2025-11-03 10:15:00.123456', '2025-11-03 10:15:00.123456', true);


--
-- Name: oauth2_clients_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.oauth2_clients_id_seq', 4, true);


--
-- Name: oauth2_tokens_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.oauth2_tokens_id_seq', 1, true);


--
-- Name: tenants_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.tenants_id_seq', 1, false);


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.users_id_seq', 1, false);


--
-- Name: oauth2_clients oauth2_clients_client_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oauth2_clients
    ADD CONSTRAINT oauth2_clients_client_id_key UNIQUE (client_id);


--
-- Name: oauth2_clients oauth2_clients_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oauth2_clients
    ADD CONSTRAINT oauth2_clients_pkey PRIMARY KEY (id);


--
-- Name: oauth2_tokens oauth2_tokens_access_token_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oauth2_tokens
    ADD CONSTRAINT oauth2_tokens_access_token_key UNIQUE (access_token);


--
-- Name: oauth2_tokens oauth2_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oauth2_tokens
    ADD CONSTRAINT oauth2_tokens_pkey PRIMARY KEY (id);


--
-- Name: tenants tenants_domain_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_domain_key UNIQUE (domain);


--
-- Name: tenants tenants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);


--
-- Name: tenants tenants_slug_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_slug_key UNIQUE (slug);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: users users_tenant_id_email_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_email_key UNIQUE (tenant_id, email);


--
-- Name: users users_tenant_id_username_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_username_key UNIQUE (tenant_id, username);


--
-- Name: oauth2_clients oauth2_clients_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oauth2_clients
    ADD CONSTRAINT oauth2_clients_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);


--
-- Name: oauth2_clients oauth2_clients_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oauth2_clients
    ADD CONSTRAINT oauth2_clients_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: oauth2_tokens oauth2_tokens_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oauth2_tokens
    ADD CONSTRAINT oauth2_tokens_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);


--
-- Name: users users_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);


--
-- PostgreSQL database dump complete
--


