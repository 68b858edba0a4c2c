using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;

namespace VioActors.Contracts.Tests;

public sealed class WireTests
{
    private static readonly string[] Spoken =
    [
        .. new[] { typeof(EnvironmentDeleted), typeof(Book), typeof(Plug), typeof(PutUser) }
            .Select(one => one.Namespace!),
    ];

    [Fact]
    public void Every_message_and_event_has_a_wire_name()
    {
        // SubnetPlan is a calculation; its text travels, not its shape.
        var records = typeof(Wire).Assembly.GetExportedTypes()
            .Where(type => Spoken.Contains(type.Namespace) && type.GetMethod("<Clone>$") is not null)
            .Where(type => type != typeof(SubnetPlan)).ToList();
        Assert.True(records.Count > 50, $"only {records.Count} records are looked at");
        Assert.DoesNotContain(records, type => type.GetCustomAttribute<WireAttribute>() is null);
    }

    [Fact]
    public void Names_are_words_with_a_version() =>
        Assert.All(Wire.Types.Keys, name => Assert.Matches(@"^[a-z]+\.[a-z]+(-[a-z]+)*/[1-9][0-9]*$", name));

    [Fact]
    public void No_two_types_have_one_name()
    {
        var named = typeof(Wire).Assembly.GetTypes()
            .Where(type => type.IsDefined(typeof(WireAttribute), false)).ToList();
        Assert.Equal(named.Count, Wire.Types.Values.Distinct().Count());
        Assert.Equal(named.Count, Wire.Types.Count);
    }

    [Fact]
    public void Shapes_are_the_ones_that_journals_hold()
    {
        var now = WireShape.All();
        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "wire.now.txt"), WireShape.Print(now));
        var problems = Differences(WireShape.Read(File.ReadAllText(Golden())), now).ToList();
        Assert.True(problems.Count == 0, string.Join('\n', problems)
            + $"\nWhat is written now: {Path.Combine(AppContext.BaseDirectory, "wire.now.txt")}");
    }

    [Fact]
    public void What_older_builds_wrote_about_networks_is_still_read()
    {
        const string node = "00000001-0000-0000-0000-000000000000";
        var plugged = JsonSerializer.Deserialize<NodePlugged>(
            $$"""{"node":"{{node}}","mac":"52:54:00:00:00:01","ip":"10.1.0.1","host":"h-a"}""", Wire.Json);
        Assert.Equal((node, null, false), (plugged!.Node.Value, plugged.Name, plugged.IsMachine));
        var part = JsonSerializer.Deserialize<SwitchEnvironment>(
            $$"""
            {"environment":"s01.a","subnet":"10.1.0.0/24","members":[],"entries":[{"node":"{{node}}",
             "mac":"52:54:00:00:00:01","ip":"10.1.0.1","host":"h-a","preboundHost":null,"sequence":3}]}
            """, Wire.Json);
        Assert.Equal((null, null, null), (part!.Services, part.Entries[0].Name, part.Entries[0].Ip6));
        Assert.False(part.Entries[0].IsMachine);
    }

    [Fact]
    public void Machines_that_older_builds_connected_have_no_lease()
    {
        var connected = JsonSerializer.Deserialize<MachineConnected>(
            """
            {"machine":{"node":"00000001-0000-0000-0000-000000000000","name":"desk","host":"h-a",
             "mac":"52:54:00:00:00:01","ip":"10.1.0.1"},"by":"operator:opal"}
            """, Wire.Json);
        Assert.Null(connected!.Machine.LeaseSeconds);
        Assert.Null(JsonSerializer.Deserialize<MachineDisconnected>(
            """{"name":"desk","by":"operator:opal"}""", Wire.Json)!.Why);
    }

    // Control: the comparison finds a planted change, removal and addition.
    [Fact]
    public void A_changed_shape_is_found()
    {
        var was = WireShape.Read("a.b/1\n  x: Int32\n\nc.d/1\n");
        var now = WireShape.Read("a.b/1\n  x: String\n\ne.f/1\n");
        Assert.Equal(["a.b/1", "c.d/1", "e.f/1"], Differences(was, now).Select(line => line.Split(' ')[0]));
        Assert.Empty(Differences(was, WireShape.Read(WireShape.Print(was))));
    }

    private static IEnumerable<string> Differences(
        SortedDictionary<string, string> was, SortedDictionary<string, string> now) =>
        from name in was.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
        let old = was.GetValueOrDefault(name)
        let young = now.GetValueOrDefault(name)
        where old != young
        select young is null
            ? $"{name} is gone, and journals may hold it: keep the type, or an upcaster and the old shape."
            : old is null
                ? $"{name} is new: add it to wire.golden.txt."
                : $"{name} changed its shape without a new version: "
                    + "keep the old shape and add version + 1 with an upcaster."
                    + $"\n was:\n{old}\n is:\n{young}";

    private static string Golden([CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "wire.golden.txt");
}
