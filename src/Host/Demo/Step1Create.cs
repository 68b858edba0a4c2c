using System.Text.Json.Nodes;
using VioActors.Contracts;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>Creates the environment and waits until every node is ready and reaches every other.</summary>
internal static class Step1Create
{
    private static readonly TimeSpan CreateTime = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan ReachTime = TimeSpan.FromSeconds(60);

    /// <summary>Runs it; gives its result in words.</summary>
    public static async Task<string> RunAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        var started = demo.Time.GetTimestamp();
        var applied = await demo.Api.ApplyAsync(demo.Astro, dryRun: false, owner: null, cancel);
        await demo.FinishAsync(
            applied.Operation ?? throw new DemoFailedException($"{demo.Astro.Name} exists already."),
            operation => view.At(operation.Progress * 0.7, operation.Step), CreateTime, cancel);
        var seconds = demo.Time.GetElapsedTime(started).TotalSeconds;
        demo.Figures["create_s"] = DemoFigures.Round(seconds);

        // The second environment boots while the first one's nodes find each other.
        demo.BosonCreation = (await demo.Api.ApplyAsync(demo.Boson, dryRun: false, owner: null, cancel)).Operation;
        await CheckSpreadAsync(demo, cancel);
        if (!demo.Site.HasGuests)
        {
            demo.Figures["pairs_reached"] = DemoFigures.NotApplicable;
            return $"{demo.Astro.Nodes.Length} nodes ready in {seconds:0.0} s";
        }

        var pairs = await ReachAsync(demo, demo.Astro, ReachTime, text => view.At(0.85, text), cancel);
        demo.Figures["pairs_reached"] = pairs;
        return $"{demo.Astro.Nodes.Length} nodes ready in {seconds:0.0} s, {pairs} pairs reach each other";
    }

    /// <summary>Waits until all nodes of an environment ping each other; gives the number of ordered pairs.</summary>
    public static async Task<int> ReachAsync(
        DemoContext demo, EnvironmentSpec spec, TimeSpan patience, Action<string> show, CancellationToken cancel)
    {
        var nodes = spec.Nodes.Select(node => node.Name).ToArray();
        var addresses = spec.Nodes.Select(node => node.Ip ?? "").ToHashSet();
        var wanted = nodes.Length * (nodes.Length - 1);
        var pairs = 0;
        List<string> suspects = [];
        await demo.WaitAsync(
            $"all {wanted} pairs of {spec.Name}", patience,
            async () =>
            {
                var facts = await demo.Guests.ReadAllAsync(spec.Name, nodes, cancel);
                pairs = facts.Sum(guest => guest.Reached?.Count(addresses.Contains) ?? 0);
                var strangers = facts.SelectMany(guest => guest.Reached ?? []).Where(
                    peer => !addresses.Contains(peer)).ToList();
                // The last line may still be on its way: what is no address now is one at the next look.
                DemoFailedException.Unless(
                    !strangers.Exists(suspects.Contains),
                    $"Guests of {spec.Name} reach what does not exist: {string.Join(", ", strangers)}.");
                suspects = strangers;
                show($"{spec.Name}: {pairs} of {wanted} pairs");
                return pairs == wanted && strangers.Count == 0 ? null : $"{pairs} of {wanted} pairs";
            },
            cancel);
        return pairs;
    }

    private static async Task CheckSpreadAsync(DemoContext demo, CancellationToken cancel)
    {
        var nodes = await demo.Api.NodesAsync(demo.Astro.Name, cancel);
        var spread = nodes.GroupBy(node => node.HostName).Select(
            host => $"{host.Count()} on {host.Key}").Order().ToList();
        demo.Notes.Add(("nodes per host", string.Join(", ", spread)));
        DemoFailedException.Unless(
            spread.Count == 2 && nodes.GroupBy(node => node.HostName).All(host => host.Count() == nodes.Length / 2),
            $"The nodes are not spread evenly over two hosts: {string.Join(", ", spread)}.");
    }
}
