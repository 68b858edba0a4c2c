using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Server.Adaptation;
using VioActors.Daemon.Server.Agents;
using VioActors.TestKit;

namespace VioActors.Daemon.Tests.Adapt;

public sealed class SampleKeeperTests
{
    private static readonly HostId Host = HostId.From("h-1");
    private static readonly NodeId Node = NodeId.Of(new Guid(1, 1, 1, new byte[8]));
    private readonly ManualTime _time = new();
    private readonly Script _script = new();

    [Fact]
    public async Task Only_what_is_new_is_asked_for_and_taken()
    {
        var keeper = new SampleKeeper(_script, _time);
        _script.Answer = Answer(_time.GetUtcNow(), -3, -2, -1);
        Assert.Equal(3, (await GatherAsync(keeper)).Samples);
        Assert.Null(_script.Since);
        _script.Answer = Answer(_time.GetUtcNow(), -2, -1, 0);
        Assert.Equal(1, (await GatherAsync(keeper)).Samples);
        Assert.Equal(_time.GetUtcNow().AddSeconds(-1), _script.Since);
        Assert.Equal(4, keeper.History(Node).Newest.Length);
    }

    [Fact]
    public async Task Another_clock_is_named()
    {
        var keeper = new SampleKeeper(_script, _time);
        (_script.Answer, _script.Ahead) = (Answer(_time.GetUtcNow(), -2, -1), TimeSpan.FromMinutes(-4));
        var gathered = await GatherAsync(keeper);
        Assert.Equal(2, gathered.Samples);
        Assert.Contains("-240.0 s", Assert.Single(gathered.Notes), StringComparison.Ordinal);
        Assert.Equal(_time.GetUtcNow().AddSeconds(-1), keeper.History(Node).Newest[0].At);
    }

    [Fact]
    public async Task A_silent_host_is_named_and_its_nodes_keep_what_is_known()
    {
        var keeper = new SampleKeeper(_script, _time);
        _script.Answer = Answer(_time.GetUtcNow(), -2, -1);
        await GatherAsync(keeper);
        _script.Answer = null;
        var note = Assert.Single((await GatherAsync(keeper)).Notes);
        Assert.Contains("h1 did not answer", note, StringComparison.Ordinal);
        Assert.Equal(2, keeper.History(Node).Newest.Length);
    }

    [Theory]
    [InlineData(-1, 0, 0, 0)]
    [InlineData(0.5, -1, 0, 0)]
    [InlineData(0.5, 0, -1, 0)]
    [InlineData(0.5, 0, 0, 9)]
    [InlineData(double.NaN, 0, 0, 0)]
    [InlineData(0.5, double.NaN, 0, 0)]
    public async Task Bad_samples_are_counted_named_and_not_kept(
        double used, double waited, double memory, int secondsAhead)
    {
        var keeper = new SampleKeeper(_script, _time);
        var sample = Sample(_time.GetUtcNow().AddSeconds(secondsAhead)) with
        {
            CpuUsedCores = used,
            CpuWaitedCores = waited,
            MemoryUsedMiB = memory,
        };
        _script.Answer = new HostSamples(_time.GetUtcNow(), [], [new NodeSamples(Node, [sample])]);
        var gathered = await GatherAsync(keeper);
        Assert.Equal((0, 1), (gathered.Samples, gathered.Refused));
        Assert.Contains(Node.Value, Assert.Single(gathered.Notes), StringComparison.Ordinal);
        Assert.Empty(keeper.History(Node).Newest);
        // One from the future does not hide those that follow.
        _time.Advance(TimeSpan.FromSeconds(1));
        _script.Answer = Answer(_time.GetUtcNow(), 0);
        Assert.Equal(1, (await GatherAsync(keeper)).Samples);
    }

    [Fact]
    public async Task Samples_of_unknown_nodes_are_refused()
    {
        var keeper = new SampleKeeper(_script, _time);
        var stranger = NodeId.Of(new Guid(2, 2, 2, new byte[8]));
        _script.Answer = new HostSamples(
            _time.GetUtcNow(), [], [new NodeSamples(stranger, [Sample(_time.GetUtcNow())])]);
        var gathered = await GatherAsync(keeper);
        Assert.Equal((0, 1), (gathered.Samples, gathered.Refused));
        Assert.Contains(stranger.Value, Assert.Single(gathered.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.3, 0, 2)]
    [InlineData(0.3, 0.5, 0.5)]
    [InlineData(0.8, 0.5, 0.8)]
    public void A_node_that_waits_was_given_its_share(double used, double waited, double given) => Assert.Equal(
        given, new CpuShare(0.5, 2, null).Given(
            Sample(_time.GetUtcNow()) with { CpuUsedCores = used, CpuWaitedCores = waited }));

    private static NodeSample Sample(DateTimeOffset at) =>
        new(at, 1, 0.5, 0.5, 0, 0, null, null, 256, 100, null, 0, 0);

    private static HostSamples Answer(DateTimeOffset now, params int[] seconds) => new(
        now, [], [new NodeSamples(Node, [.. seconds.Select(second => Sample(now.AddSeconds(second)))])]);

    private static Task<Gathered> GatherAsync(SampleKeeper keeper) => keeper.GatherAsync(
        new Dictionary<HostId, string> { [Host] = "h1" },
        new Dictionary<NodeId, CpuShare> { [Node] = new(1, 1, null) }.ToImmutableDictionary(),
        TestContext.Current.CancellationToken);

    private sealed class Script : ISampleSource
    {
        public HostSamples? Answer { get; set; }

        public TimeSpan Ahead { get; set; }

        public DateTimeOffset? Since { get; private set; }

        public Task<HostLook?> AskAsync(HostId host, DateTimeOffset? since, CancellationToken cancel)
        {
            Since = since;
            return Task.FromResult(Answer is null ? null : new HostLook(Answer, Ahead));
        }
    }
}
