using VioActors.Contracts;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>
/// The controls of the moves' figures, on the second environment, which nothing else uses by then: each is the same
/// look at something that is wrong on purpose, and must see it.
/// </summary>
internal static class MoveControls
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FactTime = TimeSpan.FromSeconds(60);
    private const int Pings = 20;

    /// <summary>
    /// Of lost pings: a node that is stopped answers none. It is the one that works, and stays stopped: what it took of
    /// the machine is free for the rest of the demo.
    /// </summary>
    public static async Task PingsAsync(DemoContext demo, CancellationToken cancel)
    {
        var spare = Spare(demo, demo.NodeWith("vio.work=1"));
        await StopAsync(demo, spare, cancel);
        var figures = await new PingSeries(demo, spare.Environment, spare.Node, null).SeriesAsync(Pings, cancel);
        demo.Notes.Add(
            ("control: pings lost to a stopped node", $"{figures.Sent - figures.Received} of {figures.Sent}"));
        DemoFailedException.Unless(figures.Received == 0, $"{spare} is stopped and answered {figures.Received} pings.");
    }

    /// <summary>
    /// Of the kept connection: the node at one end loses its power. Started anew, it knows nothing of the connection
    /// and says so.
    /// </summary>
    /// <returns>The start, for <see cref="SeenCutAsync"/>.</returns>
    public static async Task<OperationId> CutAsync(DemoContext demo, CancellationToken cancel)
    {
        var spare = Spare(demo, demo.NodeWith(null));
        await ConnectedAsync(demo, cancel);
        await StopAsync(demo, spare, cancel);
        return (await demo.Api.StartAsync(spare, cancel)).Operation;
    }

    /// <summary>Waits until the guest whose connection was cut says that it broke.</summary>
    public static async Task SeenCutAsync(DemoContext demo, OperationId start, CancellationToken cancel)
    {
        await demo.FinishAsync(start, _ => { }, EndTime, cancel);
        var client = Spare(demo, demo.NodeWith("vio.tcp="));
        await demo.WaitAsync(
            $"{client} to see that its connection was cut", FactTime,
            async () => (await demo.Guests.ReadAsync(client, cancel)).TcpBroken ? null : "it takes it for open",
            cancel);
        demo.Notes.Add(("control: a TCP connection cut on purpose", "seen as broken"));
    }

    /// <summary>
    /// Of the disk: its checksum with one byte changed, and that of another node's disk at the same block, must differ.
    /// </summary>
    public static async Task DiskAsync(DemoContext demo, string node, CancellationToken cancel)
    {
        var sums = new DiskSums(null, null, null);
        await demo.WaitAsync(
            $"the checksums of two disks called {node}", FactTime,
            async () =>
            {
                var own = await demo.Guests.ReadAsync(demo.Name(node), cancel);
                sums = DiskSums.Of(own, await demo.Guests.ReadAsync(Spare(demo, node), cancel));
                return sums.Missing;
            },
            cancel);
        demo.Notes.Add(("control: disk with a changed byte, disk of another node", sums.Told));
        DemoFailedException.Unless(sums.AllDiffer, $"Checksums do not tell disks of {node} apart: {sums.Told}.");
    }

    // The control of the cut needs a connection that was there.
    private static Task ConnectedAsync(DemoContext demo, CancellationToken cancel)
    {
        var client = Spare(demo, demo.NodeWith("vio.tcp="));
        return demo.WaitAsync(
            $"data on {client}'s TCP connection", FactTime,
            async () => (await demo.Guests.ReadAsync(client, cancel)) is { Tcp: > 0, TcpBroken: false } ? null : "none",
            cancel);
    }

    private static async Task StopAsync(DemoContext demo, NodeName node, CancellationToken cancel)
    {
        var stop = await demo.Api.StopAsync(node, graceSeconds: 0, cancel);
        await demo.FinishAsync(stop.Operation, _ => { }, EndTime, cancel);
    }

    private static NodeName Spare(DemoContext demo, string node) => new(demo.Boson.Name, node);

    /// <summary>Checksums of equally many blocks of the same numbers; null while a guest has not told one.</summary>
    internal sealed record DiskSums(string? Own, string? Changed, string? Other)
    {
        /// <summary>Those of the fewest blocks for which there are all three.</summary>
        public static DiskSums Of(GuestFacts own, GuestFacts other)
        {
            var blocks = own.ChangedSums.Keys.Order().FirstOrDefault();
            return new DiskSums(
                own.DiskSums.GetValueOrDefault(blocks), own.ChangedSums.GetValueOrDefault(blocks),
                other.DiskSums.GetValueOrDefault(blocks));
        }

        /// <summary>What is not told yet.</summary>
        public string? Missing => Own is null ? "none of its own" : Changed is null ? "none with a changed byte"
            : Other is null ? "none of the other" : null;

        /// <summary>Whether the wrong disks have other checksums than the right one.</summary>
        public bool AllDiffer => Missing is null && Own != Changed && Own != Other;

        /// <summary>For people.</summary>
        public string Told => $"{Word(Changed)}, {Word(Other)}";

        private string Word(string? sum) => sum == Own ? "same checksum" : "other checksum";
    }
}
