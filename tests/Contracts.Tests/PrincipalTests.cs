namespace VioActors.Contracts.Tests;

public sealed class PrincipalTests
{
    [Theory]
    [InlineData(Role.Owner, "ada", "owner:ada")]
    [InlineData(Role.System, "system", "system:system")]
    [InlineData(Role.Viewer, "a:b", "viewer:a:b")]
    public void A_principal_is_printed_and_read_back(Role role, string name, string text)
    {
        var who = new Principal(name, role);
        Assert.Equal(text, who.ToString());
        Assert.Equal(who, Principal.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData(":ada")]
    [InlineData("owner:")]
    [InlineData("king:ada")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => Principal.Parse(text));

    // The columns: see, change and operate what ada owns; work on hosts; administer.
    [Theory]
    [InlineData("viewer:ada", true, false, false, false, false)]
    [InlineData("owner:ada", true, true, true, false, false)]
    [InlineData("owner:bob", false, false, false, false, false)]
    [InlineData("owner:Ada", false, false, false, false, false)]
    [InlineData("operator:bob", true, false, true, true, false)]
    [InlineData("admin:bob", true, true, true, true, true)]
    [InlineData("agent:h1", false, false, false, false, false)]
    [InlineData("agent:ada", false, false, false, false, false)]
    [InlineData("system:system", true, true, true, true, true)]
    public void A_role_may(string text, bool see, bool change, bool operate, bool hosts, bool administer)
    {
        var who = Principal.Parse(text);
        Assert.Equal(
            (see, change, operate, hosts, administer),
            (who.MaySee("ada"), who.MayChange("ada"), who.MayOperate("ada"), who.MayOperateHosts, who.MayAdminister));
    }
}
