-- How many organizations a tenant has is counted where the rows are.

CREATE TRIGGER organizations_added AFTER INSERT ON organizations FOR EACH ROW
    EXECUTE FUNCTION count_one_more('organizations');
CREATE TRIGGER organizations_removed AFTER DELETE ON organizations FOR EACH ROW
    EXECUTE FUNCTION count_one_less('organizations');
