using System.Text.Json;

namespace VioActors.Contracts.Tests;

public sealed class IdTests
{
    private static readonly NodeId Node = NodeId.Of(new Guid("5ba9b3ac-0c1e-4a3c-9d2e-2f1f6b1c7a10"));

    [Theory]
    [InlineData("h1")]
    [InlineData("rack-2.host-7")]
    [InlineData("0")]
    public void A_plain_name_is_an_id(string text) => Assert.Equal(text, HostId.From(text).ToString());

    [Fact]
    public void The_longest_id_fits() => Assert.Equal(80, HostId.From(new string('a', 80)).Value.Length);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("-a")]
    [InlineData("Host")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("é")]
    public void What_could_mean_something_in_a_path_or_an_argument_is_refused(string? text) =>
        Assert.Throws<FormatException>(() => HostId.From(text!));

    [Fact]
    public void One_character_more_than_the_limit_is_refused() =>
        Assert.Throws<FormatException>(() => HostId.From(new string('a', IdText.MaxLength + 1)));

    [Theory]
    [InlineData("n1")]
    [InlineData("5ba9b3ac0c1e4a3c9d2e2f1f6b1c7a10")]
    [InlineData("5BA9B3AC-0C1E-4A3C-9D2E-2F1F6B1C7A10")]
    public void A_node_id_is_a_lower_case_uuid_with_hyphens(string text) =>
        Assert.Throws<FormatException>(() => NodeId.From(text));

    [Fact]
    public void Made_ids_are_read_back()
    {
        var site = SiteId.OfRootKey([1, 2, 3]);
        var environment = EnvironmentId.Of(site, Node.Uuid);
        Assert.Equal(site, SiteId.From(site.Value));
        Assert.Equal(environment, EnvironmentId.From(environment.Value));
        Assert.Equal(site, environment.Home);
        Assert.Equal(Node, NodeId.From(Node.Value));
        Assert.Equal("vio-" + Node, Node.DomainName);
        Assert.Equal(OperationId.Of(Node.Uuid), OperationId.From(OperationId.Of(Node.Uuid).Value));
        Assert.NotEqual(site, SiteId.OfRootKey([1, 2, 4]));
    }

    [Fact]
    public void Json_holds_the_text_of_an_id_also_as_a_key()
    {
        var hosts = new Dictionary<NodeId, HostId> { [Node] = HostId.From("h1") };
        var json = JsonSerializer.Serialize(hosts, Wire.Json);
        Assert.Equal($$"""{"{{Node}}":"h1"}""", json);
        Assert.Equal(hosts, JsonSerializer.Deserialize<Dictionary<NodeId, HostId>>(json, Wire.Json));
    }

    [Theory]
    [InlineData("""{"../etc":"h1"}""")]
    [InlineData("""{"5ba9b3ac-0c1e-4a3c-9d2e-2f1f6b1c7a10":"../h1"}""")]
    [InlineData("""{"5ba9b3ac-0c1e-4a3c-9d2e-2f1f6b1c7a10":null}""")]
    public void Json_with_a_bad_id_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Dictionary<NodeId, HostId>>(json, Wire.Json));

    [Fact]
    public void Interface_names_fit_the_kernel_and_differ_by_role_and_node()
    {
        string[] names = [.. "bsq".Select(Node.InterfaceName)];
        Assert.All(names, name => Assert.Matches("^vio[a-z2-7]{10}[bsq]$", name));
        Assert.Equal(3, names.Distinct().Count());
        Assert.Equal(names[0], Node.InterfaceName('b'));
        Assert.NotEqual(names[0], NodeId.Of(Guid.Empty).InterfaceName('b'));
    }

    [Fact]
    public void Ids_sort_by_their_bytes() =>
        Assert.Equal(
            ["a-1", "a.1", "a1"],
            new[] { "a1", "a.1", "a-1" }.Select(HostId.From).Order().Select(id => id.Value));
}
