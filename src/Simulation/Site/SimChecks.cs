using VioActors.Actors.Host;
using VioActors.Actors.Site;
using VioActors.Actors.Switch;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Simulation.Site;

/// <summary>A rule that no fault may break was broken.</summary>
public sealed class SimViolationException(string message) : Exception(message);

/// <summary>The rules, checked against the world's truth and the committed states.</summary>
internal sealed class SimChecks(SimSite site, MessageCodec codec)
{
    /// <summary>
    /// At any time: no node twice, no host promised more than it has, nothing on a host that has no room for it, and
    /// no node in the hands of two operations.
    /// </summary>
    public async Task AlwaysAsync(EnvironmentId environment)
    {
        Require(site.World.Violations.Count == 0, () => site.World.Violations[0]);
        foreach (var host in site.Hosts)
        {
            var ledger = await LedgerAsync(host);
            Require(ledger.Facts is null || ledger.BookedMemoryMiB() <= ledger.Facts.MemoryMiB,
                () => $"host {host} promised {ledger.BookedMemoryMiB()} MiB of {ledger.Facts!.MemoryMiB}");
            // Room is booked first and freed last; only a statement that the host is off frees it unasked.
            foreach (var node in site.DeclaredOff.Contains(host) ? [] : site.World.Find(host)!.Kept)
            {
                var booked = ledger.Bookings.GetValueOrDefault(node)?.MemoryMiB ?? 0;
                var has = site.World.Find(host)!.MemoryOf(node);
                Require(booked > 0, () => $"host {host} keeps node {node} without a booking");
                Require(has == 0 || has + Overhead.MemoryMiB(has) <= booked,
                    () => $"node {node} has {has} MiB on host {host}, and {booked} are booked");
            }
        }

        var state = await site.ReadAsync<EnvironmentState>(new ActorKey(ActorKinds.Environment, environment.Value));
        foreach (var node in state?.Nodes.Values ?? [])
            Require(site.World.RunningCopies(node.Id) <= 1, () => $"node {node.Id} runs twice");
        var running = state?.Operations.FindAll(op => op.EndedAt is null) ?? [];
        var held = running.SelectMany(op => op.Nodes).GroupBy(node => node).FirstOrDefault(node => node.Count() > 1);
        Require(held is null, () => $"node {held!.Key} is in the hands of {held.Count()} operations");
    }

    /// <summary>
    /// When everything has ended: what the environment says is what is, and nothing else is kept or booked.
    /// </summary>
    public async Task SettledAsync(EnvironmentId environment)
    {
        var state = await site.ReadAsync<EnvironmentState>(new ActorKey(ActorKinds.Environment, environment.Value));
        foreach (var node in state!.Nodes.Values)
        {
            var copies = site.World.RunningCopies(node.Id);
            Require(
                node.Power is NodePower.Ready or NodePower.Off || node is { Power: NodePower.Lost, Host: null },
                () => $"node {node.Spec.Name} is still {node.Power}");
            Require(copies == (node.Power == NodePower.Ready ? 1 : 0),
                () => $"node {node.Spec.Name} is {node.Power} and {copies} copies run");
            foreach (var host in site.Hosts)
            {
                var here = host == node.Host;
                var ledger = await LedgerAsync(host);
                Require(ledger.Bookings.ContainsKey(node.Id) == here,
                    () => $"node {node.Spec.Name} belongs on {node.Host}, and on {host} it is "
                        + (here ? "not booked" : "booked"));
                Require(here || site.World.Find(host)!.IsDead || !site.World.Find(host)!.Keeps(node.Id),
                    () => $"host {host} still keeps node {node.Spec.Name}, which belongs on {node.Host}");
            }
        }
    }

    /// <summary>After the delete: no room, no port, no name, no machine, no disk, no dead letter.</summary>
    public async Task NothingLeftAsync()
    {
        foreach (var host in site.Hosts)
        {
            var ledger = await LedgerAsync(host);
            Require(ledger.Bookings.IsEmpty, () => $"host {host} still has {ledger.Bookings.Count} bookings");
            Require(site.World.Find(host)!.IsDead || !site.World.Find(host)!.KeepsAnything,
                () => $"host {host} still keeps something");
            var switched = await site.ReadAsync<SwitchState>(new ActorKey(ActorKinds.Switch, host.Value));
            Require(switched is null || switched.Parts.Values.All(part => part.Content is null),
                () => $"the switch of host {host} still has an environment");
        }

        var directory = (await site.ReadAsync<SiteState>(site.SiteKey))!.Directory;
        Require(directory.IsEmpty, () => $"{directory.Count} names are still taken");
        var dead = await site.DeadLettersAsync();
        Require(dead.Count == 0, () => $"a message was given up: {dead[0]}");
    }

    /// <summary>Every actor's events are without gap, under rising tokens, and fold to its state.</summary>
    public async Task HistoryAsync(EnvironmentId environment)
    {
        var journal = await site.JournalAsync();
        foreach (var history in journal.GroupBy(row => row.Event.Actor))
        {
            var events = history.ToList();
            for (var i = 0; i < events.Count; i++)
            {
                var (place, seq) = (i + 1, events[i].Event.Seq);
                Require(seq == place, () => $"{history.Key} has event {seq} at place {place}");
            }

            Require(events.Zip(events.Skip(1)).All(pair =>
                    (pair.First.Generation, pair.First.Epoch)
                        .CompareTo((pair.Second.Generation, pair.Second.Epoch)) <= 0),
                () => $"{history.Key} was written under a token that had been replaced");
        }

        var key = new ActorKey(ActorKinds.Environment, environment.Value);
        var actor = new EnvironmentActor();
        var folded = actor.Initial(key);
        var started = new Dictionary<NodeId, DateTimeOffset>();
        foreach (var row in journal.Where(row => row.Event.Actor == key))
        {
            var happened = codec.Decode(row.Event.Body);
            if (happened is NodePowerChanged { Power: NodePower.Starting } start)
                started[start.Node] = row.Event.At;
            // What ended while it was ready and did not end by itself was ended by a command that had been overtaken
            // by a later decision.
            Require(happened is not NodePowerChanged { Why.Code: "machine-ended" } ended
                    || folded.Nodes[ended.Node].Power != NodePower.Ready
                    || site.World.Deaths.Any(death => death.Node == ended.Node
                        && death.At >= started[ended.Node] && death.At <= row.Event.At),
                () => $"a running machine was lost: {row.Event.Body.Json}");
            folded = actor.Evolve(folded, happened);
        }

        var read = await site.ReadAsync<EnvironmentState>(key);
        Require(System.Text.Json.JsonSerializer.Serialize(folded, codec.Json)
                == System.Text.Json.JsonSerializer.Serialize(read, codec.Json),
            () => "the environment's state is not the fold of its events");
    }

    private async Task<HostState> LedgerAsync(HostId host) =>
        (await site.ReadAsync<HostState>(new ActorKey(ActorKinds.Host, host.Value)))!;

    private static void Require(bool holds, Func<string> violation)
    {
        if (!holds) throw new SimViolationException(violation());
    }
}
