using System.Collections.Immutable;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.TestKit;

/// <summary>
/// What a case of <see cref="DataPlaneConformance"/> has on its two hosts: the state applied last and the nodes that
/// run. Node n has the address <see cref="Ip"/> in every environment.
/// </summary>
internal sealed class DataPlaneScene(DataPlaneBench bench)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly List<SwitchEntry> _running = [];
    private long _generation = 2;
    private long _version;
    private ImmutableArray<SwitchEnvironment> _applied = [];

    public IReadOnlyList<DataPlaneHost> Hosts { get; } = [bench.First, bench.Second];

    /// <summary>Of the state applied last.</summary>
    public (long Generation, long Version) Latest => (_generation, _version);

    public static string Ip(int node) => $"10.1.0.{node}";

    public SwitchEntry NewEntry(int node, DataPlaneHost host) =>
        new(NodeId.Of(Guid.NewGuid()), $"02:00:00:00:00:{node:x2}", Ip(node), host.Id, null, 1);

    public SwitchEnvironment NewEnvironment(params ImmutableArray<SwitchEntry> entries) => new()
    {
        Environment = EnvironmentId.Of(new SiteId("s1"), Guid.NewGuid()),
        Subnet = "10.1.0.0/16",
        Members =
        [
            new SwitchMember(bench.First.Id, bench.First.Endpoint, "02:ff:00:00:00:01", "10.1.255.1"),
            new SwitchMember(bench.Second.Id, bench.Second.Endpoint, "02:ff:00:00:00:02", "10.1.255.2"),
        ],
        Entries = entries,
    };

    /// <summary>Applies a newer state on both hosts.</summary>
    public Task ApplyAsync(params ImmutableArray<SwitchEnvironment> environments)
    {
        _applied = environments;
        _version++;
        return ApplyAgainAsync();
    }

    /// <summary>Applies the last state again.</summary>
    public async Task ApplyAgainAsync()
    {
        var wanted = new SwitchWanted
        {
            Generation = _generation,
            Version = _version,
            Environments = _applied,
        };
        foreach (var host in Hosts) await host.Switch.ApplyAsync(wanted, None);
    }

    /// <summary>Applies an empty state as version 1 of the next generation.</summary>
    public Task ApplyInNextGenerationAsync()
    {
        (_generation, _version) = (_generation + 1, 0);
        return ApplyAsync();
    }

    public async Task StartAsync(DataPlaneHost host, SwitchEnvironment environment, SwitchEntry entry)
    {
        _running.Add(entry);
        await bench.Start(host.Id, environment.Environment, entry);
    }

    public async Task StopAsync(SwitchEntry entry)
    {
        await bench.Stop(entry);
        _running.RemoveAll(one => one.Node == entry.Node);
    }

    /// <summary>Ends every node and removes every port.</summary>
    public async Task ClearAsync()
    {
        foreach (var entry in _running.ToArray()) await StopAsync(entry);
        await ApplyAsync();
    }

    /// <summary>The node becomes ready.</summary>
    public async Task AnswersAsync(DataPlaneHost from, SwitchEnvironment environment, int node)
    {
        if (!await from.Switch.AwaitReadyAsync(environment.Environment, Ip(node), bench.Ready, None))
            throw new ConformanceException(
                $"expected node {node} ready at host {from.Id}, no answer in {bench.Ready.TotalSeconds} s");
    }

    /// <summary>The node does not become ready.</summary>
    public async Task SilentAsync(DataPlaneHost from, SwitchEnvironment environment, int node)
    {
        if (await from.Switch.AwaitReadyAsync(environment.Environment, Ip(node), bench.Silence, None))
            throw new ConformanceException($"expected no answer of node {node} at host {from.Id}, it answered");
    }

    /// <summary>The host has exactly these ports, open or closed; null when it has not even the environment.</summary>
    public static async Task SeesPortsAsync(
        DataPlaneHost host, SwitchEnvironment environment, params (SwitchEntry Entry, bool Open)[]? expected)
    {
        var status = await host.Switch.StatusAsync(None);
        var seen = status.GetProperty("environments").EnumerateArray()
            .Where(one => one.GetProperty("id").GetString() == environment.Environment.Value).ToArray();
        ConformanceException.RequireEqual(
            expected is null ? "none" : Text(expected.Select(port => (port.Entry.Node.Value, port.Open))),
            seen.Length == 0 ? "none" : Text(seen[0].GetProperty("ports").EnumerateArray().Select(Port)),
            $"ports of {environment.Environment} on host {host.Id}");
    }

    private static (string Node, bool Open) Port(JsonElement port) =>
        (port.GetProperty("node").GetString()!, port.GetProperty("open").GetBoolean());

    private static string Text(IEnumerable<(string Node, bool Open)> ports) =>
        $"[{string.Join(", ", ports.Select(port => $"{port.Node} {(port.Open ? "open" : "closed")}").Order(
            StringComparer.Ordinal))}]";
}
