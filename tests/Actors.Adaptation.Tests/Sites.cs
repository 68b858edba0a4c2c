using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Tests;

/// <summary>Small inventories.</summary>
internal static class Sites
{
    public static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static HostId Host(int number) => HostId.From($"h{number}");

    public static NodeId Node(int number) => NodeId.Of(new Guid(number, 1, 1, new byte[8]));

    public static EnvironmentId Environment(int number) => EnvironmentId.From($"s.e{number}");

    /// <summary>A history of this utilization, or none.</summary>
    public static SampleHistory Seen(double utilization, double given = 1)
    {
        var history = SampleHistory.Empty;
        for (var second = 10; second >= 1; second--)
            (history, _) = history.Add(
                Node(0), new Sample(Now.AddSeconds(-second), utilization * given, given, 100), Now);
        return history;
    }

    /// <summary>A node of one core.</summary>
    public static NodeInventory NodeOn(
        int number, int host, double utilization = 1, double given = 1, long memory = 256) =>
        new(Node(number), Host(host), given, memory, Seen(utilization, given));

    public static EnvironmentInventory Env(int number, params NodeInventory[] nodes) =>
        new(Environment(number), [.. nodes]);

    /// <summary>Sites of hosts with one core each, numbered through.</summary>
    public static ImmutableArray<SiteInventory> Of(long memoryMiB, params int[] hosts)
    {
        var next = 1;
        return [.. hosts.Index().Select(site => new SiteInventory(SiteId.From($"d{site.Index + 1}"),
            [.. Enumerable.Range(0, site.Item).Select(_ => new HostInventory(Host(next++), 1, memoryMiB))]))];
    }

    public static Inventory Inventory(
        ImmutableArray<SiteInventory> sites, params EnvironmentInventory[] environments) =>
        new(7, Now, sites, [.. environments]);
}
