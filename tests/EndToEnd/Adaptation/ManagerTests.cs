using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Shell;

namespace VioActors.EndToEnd.Adaptation;

/// <summary>
/// The manager by itself on two real hosts: load that guests make changes shares and balloons, and moves a guest off a
/// full host.
/// </summary>
public sealed class ManagerTests(ITestOutputHelper output)
{
    private const int BigMiB = 1536;
    private static readonly PolicyChoice Eager = new("vio", ImmutableSortedDictionary<string, string>.Empty
        .Add("calm", "6s").Add("halfLife", "5s").Add("hold", "2s"));
    private static readonly TimeSpan Down = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Load_in_guests_changes_shares_balloons_and_places()
    {
        try
        {
            await LabBuilder.CheckMachineAsync(new ProcessRunner(TimeProvider.System), CancellationToken.None);
        }
        catch (LabException reason)
        {
            Assert.Skip(reason.Message);
        }

        await using var site = await LabSite.UpAsync(
            new NoView(), TimeProvider.System, TestContext.Current.CancellationToken);
        using var api = new ApiClient(new ApiConnection(site.Address, RetryPolicy.Patient, TimeProvider.System));
        await site.AddImagesAsync(api, new NoView(), CancellationToken.None);
        await AdaptsAsync(api);
        using var late = new CancellationTokenSource(Down, TimeProvider.System);
        Assert.Equal([], (await site.DownAsync(late.Token)).What);
    }

    private async Task AdaptsAsync(ApiClient api)
    {
        // On h1: one that is busy, one that is busy now and then, and one too many, which has room on h2 only when one
        // of the guests there gives memory. The other there has no balloon driver.
        await RunAsync(
            api, "astro", Node("busy", 192, "h1", "vio.load=3600:100"),
            Node("turns", 192, "h1", "vio.load=25:0,20:100"), Node("gives", BigMiB, "h2", "vio.load=3600:0"),
            Node("refuses", BigMiB, "h2", "vio.balloon=0"));
        await RunAsync(api, "boson", Node("much", 1500, null, "vio.load=3600:30"));
        Assert.Equal("h1", (await NodeAsync(api, "boson/much")).HostName);
        Assert.Equal(100, (await NodeAsync(api, "astro/turns")).CpuWeight);
        await api.Adapt.SetAsync(new AdaptBody(AdaptMode.Automatic, 1, Policy: Eager), CancellationToken.None);

        var idle = 100;
        await SeenAsync(
            "an idle guest's share goes to others",
            async () => (idle = (await NodeAsync(api, "astro/turns")).CpuWeight) < 90);
        var steps = await StepsAsync(api);
        await Task.WhenAll(
            SeenAsync(
                "it has it again when it is busy",
                async () => await StepsAsync(api) > steps
                    && (await NodeAsync(api, "astro/turns")).CpuWeight > 1.1 * idle),
            SeenAsync("a guest left the full host", async () => (await MovesAsync(api)).Count > 0));
        Assert.Equal("h2", (await NodeAsync(api, "boson/much")).HostName);
        Assert.InRange((await NodeAsync(api, "astro/gives")).MemoryMiB, 128, BigMiB - 500);
        Assert.Equal(BigMiB, (await NodeAsync(api, "astro/refuses")).MemoryMiB);

        Assert.All(await MineAsync(api), op => Assert.True(op.Failure is null, $"{op.Subject}: {op.Failure}"));
        Assert.Single(await MovesAsync(api));
    }

    private static async Task<int> StepsAsync(ApiClient api) =>
        (await api.LogsAsync(NodeName.Parse("astro/turns"), 500, CancellationToken.None))
            .Count(line => line.StartsWith("VIO load 100", StringComparison.Ordinal));

    private static async Task<List<OperationView>> MineAsync(ApiClient api) =>
        [.. (await api.OperationsAsync(null, 100, CancellationToken.None))
            .Where(op => op.By == Principal.Adaptation.ToString())];

    private static async Task<List<OperationView>> MovesAsync(ApiClient api) =>
        [.. (await MineAsync(api)).Where(op => op is { Kind: OperationKind.Move, Phase: OperationPhase.Done })];

    private async Task SeenAsync(string what, Func<Task<bool>> holds)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Until.TrueAsync(what, holds, seconds: 90);
        output.WriteLine($"{what}: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s");
    }

    private static async Task RunAsync(ApiClient api, string name, params ImmutableArray<NodeSpec> nodes)
    {
        var spec = new EnvironmentSpec { Name = name, Subnet = "10.10.0.0/24", Nodes = nodes };
        var applied = await api.ApplyAsync(spec, dryRun: false, owner: null, CancellationToken.None);
        OperationView? seen = null;
        await Until.TrueAsync(() => $"{name} runs; it is at {seen?.Step}", async () =>
        {
            seen = await api.OperationAsync(applied.Operation!.Value, CancellationToken.None);
            Assert.True(seen.Phase is OperationPhase.Running or OperationPhase.Done, $"{seen.Failure}");
            return seen.Phase == OperationPhase.Done;
        }, seconds: 90);
    }

    private static Task<NodeView> NodeAsync(ApiClient api, string node) =>
        api.NodeAsync(NodeName.Parse(node), CancellationToken.None);

    private static NodeSpec Node(string name, int memoryMiB, string? host, string arguments) => new()
    {
        Name = name,
        Image = "tiny",
        MemoryMiB = memoryMiB,
        Host = host,
        KernelArguments = arguments,
    };

    private sealed class NoView : IStepView
    {
        public void At(double done, string text)
        {
        }

        public void End(bool held, string result)
        {
        }
    }
}
