//! Organizations.

use super::operation::{Operation, delete, get, patch, post};
use crate::http::routes::{
    MY_INVITATION, MY_INVITATION_ACCEPT, MY_INVITATIONS, MY_ORGANIZATIONS, ORGANIZATION, ORGANIZATION_ACTIVATE,
    ORGANIZATION_EVENTS, ORGANIZATION_INVITATION, ORGANIZATION_INVITATION_AGAIN, ORGANIZATION_INVITATIONS,
    ORGANIZATION_JOIN, ORGANIZATION_LEAVE, ORGANIZATION_MEMBER, ORGANIZATION_MEMBER_ROLE, ORGANIZATION_MEMBERS,
    ORGANIZATION_ROLE, ORGANIZATION_ROLES, ORGANIZATION_SUSPEND, ORGANIZATION_TRANSFER, ORGANIZATIONS,
};

const READ: &str = "orgs:read";
const WRITE: &str = "orgs:write";
const PAGE: &str = "next_cursor: text|null";

pub(super) fn operations() -> Vec<Operation> {
    let mut all = of_organizations();
    all.extend(of_members());
    all.extend(of_invitations());
    all.extend(of_roles());
    all.extend(of_people());
    all
}

fn of_organizations() -> Vec<Operation> {
    vec![
        paged(get(ORGANIZATIONS, "Lists organizations: one's own, or for administrators all"))
            .query("q", "What the name or slug holds.")
            .lists("Organization", PAGE),
        post(ORGANIZATIONS, "Makes one")
            .scope(WRITE)
            .takes("name: text, slug?: text|null, metadata?: map, owner?: text|null")
            .tells_a(201, "Organization"),
        get(ORGANIZATION, "Shows one, by id or slug").scope(READ).tells_a(200, "Organization"),
        patch(ORGANIZATION, "Changes it; what is left out stays")
            .scope(WRITE)
            .header("If-Match", "Its entity tag.")
            .takes("name?: text, slug?: text, metadata?: map, settings?: map, protected?: bool")
            .tells_a(200, "Organization"),
        delete(ORGANIZATION, "Deletes it").scope(WRITE).header("If-Match", "Its entity tag.").says(204),
        post(ORGANIZATION_SUSPEND, "Lets nothing be done in it for now").scope(WRITE).tells_a(200, "Organization"),
        post(ORGANIZATION_ACTIVATE, "Brings it back").scope(WRITE).tells_a(200, "Organization"),
        paged(get(ORGANIZATION_EVENTS, "What happened in it, newest first"))
            .query("action", "Only this.")
            .lists("OrganizationEvent", PAGE),
    ]
}

fn of_members() -> Vec<Operation> {
    vec![
        paged(get(ORGANIZATION_MEMBERS, "Lists members")).lists("Member", PAGE),
        post(ORGANIZATION_MEMBERS, "Adds somebody; who does not make the tenant's accounts invites an address")
            .scope(WRITE)
            .takes("user_id?: text|null, email?: text|null, role?: text")
            .tells_a(201, "Member")
            .tells_a(202, "OrganizationInvitation"),
        delete(ORGANIZATION_MEMBER, "Removes a member").scope(WRITE).says(204),
        patch(ORGANIZATION_MEMBER_ROLE, "Gives a member another role")
            .scope(WRITE)
            .takes("role: text")
            .tells_a(200, "Member"),
        post(ORGANIZATION_JOIN, "Joins, by the domain of one's verified address")
            .scope(WRITE)
            .tells_a(200, "Organization"),
        post(ORGANIZATION_LEAVE, "Leaves").scope(WRITE).says(204),
        post(ORGANIZATION_TRANSFER, "Gives the organization to another member")
            .scope(WRITE)
            .takes("user_id: text, role?: text|null")
            .tells_a(200, "Organization"),
    ]
}

fn of_invitations() -> Vec<Operation> {
    vec![
        paged(get(ORGANIZATION_INVITATIONS, "Lists invitations into it")).lists("OrganizationInvitation", PAGE),
        post(ORGANIZATION_INVITATIONS, "Invites an address")
            .scope(WRITE)
            .takes("email: text, role?: text")
            .tells_a(201, "OrganizationInvitation"),
        delete(ORGANIZATION_INVITATION, "Cancels an invitation").scope(WRITE).says(204),
        post(ORGANIZATION_INVITATION_AGAIN, "Sends it again").scope(WRITE).tells_a(200, "OrganizationInvitation"),
    ]
}

fn of_roles() -> Vec<Operation> {
    vec![
        get(ORGANIZATION_ROLES, "Lists roles, built in and its own")
            .scope(READ)
            .lists("OrganizationRole", "permissions: [text]"),
        post(ORGANIZATION_ROLES, "Defines a role")
            .scope(WRITE)
            .takes("name: text, description?: text, permissions: [text]")
            .tells_a(201, "OrganizationRole"),
        get(ORGANIZATION_ROLE, "Shows one of its own").scope(READ).tells_a(200, "OrganizationRole"),
        patch(ORGANIZATION_ROLE, "Changes one, for all who have it")
            .scope(WRITE)
            .header("If-Match", "Its entity tag.")
            .takes("description?: text, permissions?: [text]")
            .tells_a(200, "OrganizationRole"),
        delete(ORGANIZATION_ROLE, "Removes one that nobody has")
            .scope(WRITE)
            .header("If-Match", "Its entity tag.")
            .says(204),
    ]
}

fn of_people() -> Vec<Operation> {
    vec![
        paged(get(MY_ORGANIZATIONS, "The organizations I belong to"))
            .query("q", "What the name or slug holds.")
            .lists("Organization", PAGE),
        get(MY_INVITATIONS, "The invitations into organizations that wait for me")
            .person()
            .lists("WaitingInvitation", ""),
        delete(MY_INVITATION, "Declines one").person().says(204),
        post(MY_INVITATION_ACCEPT, "Accepts one").person().says(204),
    ]
}

fn paged(operation: Operation) -> Operation {
    operation.scope(READ).query("limit", "From 1 to 200.").query("cursor", "`meta.next_cursor` of the page before.")
}
