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
-- Name: user_role; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.user_role AS ENUM (
    'user',
    'admin'
);


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: auth_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.auth_tokens (
    id integer NOT NULL,
    site_uuid uuid NOT NULL,
    user_uuid uuid NOT NULL,
    token character varying(255) NOT NULL,
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL
);


--
-- Name: auth_tokens_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.auth_tokens_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: auth_tokens_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.auth_tokens_id_seq OWNED BY public.auth_tokens.id;


--
-- Name: sites; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sites (
    uuid uuid NOT NULL,
    name character varying(255) NOT NULL,
    domain character varying(255) NOT NULL,
    frontend_url character varying(255) NOT NULL,
    verification_redirect_url character varying(255),
    email_from character varying(255) NOT NULL,
    email_from_name character varying(255) NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    allow_self_registration boolean DEFAULT true NOT NULL,
    webhook_url character varying(512),
    webhook_secret character varying(255),
    tenant_api_key character varying(64) NOT NULL,
    mailgun_domain character varying(255),
    mailgun_api_key character varying(255),
    deletion_protected boolean DEFAULT false NOT NULL
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    uuid uuid NOT NULL,
    site_uuid uuid NOT NULL,
    email character varying(255) NOT NULL,
    password_hash character varying(255),
    is_verified boolean DEFAULT false,
    role public.user_role DEFAULT 'user'::public.user_role,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deletion_protected boolean DEFAULT false NOT NULL
);


--
-- Name: auth_tokens id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_tokens ALTER COLUMN id SET DEFAULT nextval('public.auth_tokens_id_seq'::regclass);


--
-- Data for Name: auth_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.auth_tokens (id, site_uuid, user_uuid, token, expires_at, created_at) FROM stdin;
1	01890a5d-ac96-774b-bcce-b302099a8001	01890a5e-0000-7000-8000-000000000001	a-session-that-stays-behind	2735689599	1735689600
\.


--
-- Data for Name: sites; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.sites (uuid, name, domain, frontend_url, verification_redirect_url, email_from, email_from_name, created_at, updated_at, allow_self_registration, webhook_url, webhook_secret, tenant_api_key, mailgun_domain, mailgun_api_key, deletion_protected) FROM stdin;
01890a5d-ac96-774b-bcce-b302099a8001	Acme Store	shop.acme.test	https://shop.acme.test	https://welcome.acme.test/hello	hello@acme.test	Acme's Store	1735689600	1735689600	t	https://hooks.acme.test/aegis	receivers-know-this-since-long-ago	kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk	mg.acme.test	mailgun-key	f
01890a5d-ac96-774b-bcce-b302099a8002	Vault	vault.test	http://vault.test	\N	vault@vault.test	Vault	1735689601	1735689601	f	\N	\N	vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv	\N	\N	t
01890a5d-ac96-774b-bcce-b302099a8003	Acme Store	two.acme.test	https://two.acme.test	\N	two@acme.test	Two	1735689602	1735689602	t	\N	\N	wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww	\N	\N	f
\.


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.users (uuid, site_uuid, email, password_hash, is_verified, role, created_at, updated_at, deletion_protected) FROM stdin;
01890a5e-0000-7000-8000-000000000001	01890a5d-ac96-774b-bcce-b302099a8001	Ada@acme.test	$2b$04$rIfYpa40zlrzyDNCYe.gdeXrhBdTqDdsvEv0e.yJx/77nhchaYEqq	t	admin	1735689610	1735689610	f
01890a5e-0000-7000-8000-000000000002	01890a5d-ac96-774b-bcce-b302099a8001	unproven@acme.test	$2b$04$6zciZqA25FEMpmcX7efR5.EfktZux2gJYLRsmcIxiuJ9EblV11I.e	f	user	1735689611	1735689611	f
01890a5e-0000-7000-8000-000000000003	01890a5d-ac96-774b-bcce-b302099a8001	invited@acme.test	\N	f	user	1735689612	1735689612	f
01890a5e-0000-7000-8000-000000000004	01890a5d-ac96-774b-bcce-b302099a8001	Victim@acme.test	$2b$04$NedutAiY6.AvYuQuUYCrd.dcaUx0QsZCKPX1zdPRd.lJ1Mdio82xW	t	user	1735689613	1735689613	f
01890a5e-0000-7000-8000-000000000005	01890a5d-ac96-774b-bcce-b302099a8001	victim@acme.test	$2b$04$vH4/98ayba6rcntNHDovv.pVuNPe8.DGMcWptHUXUFjB3J36Y2/pi	t	user	1735689614	1735689614	f
01890a5e-0000-7000-8000-000000000006	01890a5d-ac96-774b-bcce-b302099a8001	keeper@acme.test	$2b$04$9FP7.2ayyZPsUcB.Enj3JONPQE.whviOztbSkEJRKa0a5MxYi6KCy	t	user	1735689615	1735689615	t
01890a5e-0000-7000-8000-000000000007	01890a5d-ac96-774b-bcce-b302099a8001	long@acme.test	$2b$04$IRx5ejKRNdCfsbHKVBHgRuMgoX/rxHaz8RiEJbL0G2SQw2nJBdHFq	t	user	1735689616	1735689616	f
01890a5e-0000-7000-8000-000000000008	01890a5d-ac96-774b-bcce-b302099a8002	vera@vault.test	$2b$04$LMIwDsCS4o72jm5qPN3Ejuji5KPJsCQ.06X26XwRAN8jRzuzd9YXC	t	user	1735689617	1735689617	f
01890a5e-0000-7000-8000-000000000009	01890a5d-ac96-774b-bcce-b302099a8003	Ada@acme.test	$2b$04$qb.Al9wOuoztsQnl5TZOP.I1d/yc4YdWWbzLj7EnC5f51a8dyQHDy	t	user	1735689618	1735689618	f
\.


--
-- Name: auth_tokens_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.auth_tokens_id_seq', 1, true);


--
-- Name: auth_tokens auth_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_tokens
    ADD CONSTRAINT auth_tokens_pkey PRIMARY KEY (id);


--
-- Name: auth_tokens auth_tokens_token_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_tokens
    ADD CONSTRAINT auth_tokens_token_key UNIQUE (token);


--
-- Name: sites sites_domain_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_domain_key UNIQUE (domain);


--
-- Name: sites sites_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_pkey PRIMARY KEY (uuid);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (uuid);


--
-- Name: users users_site_uuid_email_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_site_uuid_email_key UNIQUE (site_uuid, email);


--
-- Name: auth_tokens auth_tokens_site_uuid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_tokens
    ADD CONSTRAINT auth_tokens_site_uuid_fkey FOREIGN KEY (site_uuid) REFERENCES public.sites(uuid);


--
-- Name: auth_tokens auth_tokens_user_uuid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_tokens
    ADD CONSTRAINT auth_tokens_user_uuid_fkey FOREIGN KEY (user_uuid) REFERENCES public.users(uuid);


--
-- Name: users users_site_uuid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_site_uuid_fkey FOREIGN KEY (site_uuid) REFERENCES public.sites(uuid);


--
-- PostgreSQL database dump complete
--


