using System.Text.Json;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>A second environment with the same addresses on the same hosts; no frame crosses.</summary>
internal static class Step2Isolation
{
    private static readonly TimeSpan CreateTime = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan HearTime = TimeSpan.FromSeconds(40);

    /// <summary>Runs it; gives its result in words.</summary>
    public static async Task<string> RunAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        await demo.FinishAsync(
            demo.BosonCreation ?? throw new DemoFailedException($"{demo.Boson.Name} exists already."),
            operation => view.At(operation.Progress * 0.6, operation.Step), CreateTime, cancel);
        if (!demo.Site.HasGuests)
        {
            demo.Figures["frames_crossed"] = DemoFigures.NotApplicable;
            return $"{demo.Boson.Name} has the same addresses; frames are {DemoFigures.NotApplicable}";
        }

        var pairs = await Step1Create.ReachAsync(demo, demo.Boson, HearTime, text => view.At(0.7, text), cancel);
        var nodes = demo.Astro.Nodes.Select(node => node.Name).ToArray();
        await demo.WaitAsync(
            "every guest to hear its own environment's broadcasts", HearTime,
            async () =>
            {
                var heard = await BothAsync(demo, nodes, cancel);
                var deaf = heard.Count(guest => guest.Heard < 3);
                view.At(0.9, $"{heard.Count - deaf} of {heard.Count} guests hear their own broadcasts");
                return deaf == 0 ? null : $"{deaf} guests hear nothing";
            },
            cancel);
        var crossed = await CrossedAsync(demo, cancel);
        demo.Figures["frames_crossed"] = crossed;
        DemoFailedException.Unless(
            crossed == 0, $"{crossed} frames crossed between {demo.Astro.Name} and {demo.Boson.Name}.");
        return $"{pairs} pairs inside {demo.Boson.Name}, {crossed} frames crossed";
    }

    /// <summary>Crossed frames by both witnesses: the guests that got them and the switches' counters.</summary>
    public static async Task<long> CrossedAsync(DemoContext demo, CancellationToken cancel)
    {
        var nodes = demo.Astro.Nodes.Select(node => node.Name).ToArray();
        var seen = (await BothAsync(demo, nodes, cancel)).Sum(guest => guest.Crossed);
        return seen + await CountedAsync(demo.Api, cancel);
    }

    /// <summary>Crossed frames by the counters of all connected hosts' switches.</summary>
    public static async Task<long> CountedAsync(ApiClient api, CancellationToken cancel)
    {
        long counted = 0;
        foreach (var host in (await api.HostsAsync(cancel)).Where(host => host.Status == "connected"))
            counted += Sum(await api.SwitchAsync(host.Name, cancel));
        return counted;
    }

    /// <summary>Adds up every number called <c>framesCrossed</c> in a status document, however deep.</summary>
    internal static long Sum(JsonElement status) => status.ValueKind switch
    {
        JsonValueKind.Array => status.EnumerateArray().Sum(Sum),
        JsonValueKind.Object when status.TryGetProperty("framesCrossed", out var total)
            && total.ValueKind == JsonValueKind.Number => total.GetInt64(),
        JsonValueKind.Object => status.EnumerateObject().Sum(property => Sum(property.Value)),
        _ => 0,
    };

    private static async Task<List<GuestFacts>> BothAsync(DemoContext demo, string[] nodes, CancellationToken cancel)
    {
        var astro = await demo.Guests.ReadAllAsync(demo.Astro.Name, nodes, cancel);
        return [.. astro, .. await demo.Guests.ReadAllAsync(demo.Boson.Name, nodes, cancel)];
    }
}
