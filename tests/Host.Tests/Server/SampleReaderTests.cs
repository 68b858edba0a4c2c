using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Host.Tests.Server;

/// <summary>Samples of agents whose clock is off, that lie, or that do not answer.</summary>
public sealed class SampleReaderTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Last = TimeSpan.FromSeconds(10);
    private static readonly NodeId Node = NodeId.Of(Guid.NewGuid());

    [Theory, InlineData(0), InlineData(-90), InlineData(90)]
    public async Task Times_are_of_the_servers_clock(int secondsAhead)
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        using var agent = await FakeAgent.ConnectAsync(site, host);
        var ahead = TimeSpan.FromSeconds(secondsAhead);
        var asked = new List<DateTimeOffset>();
        var answering = AnswerAsync(agent, query =>
        {
            var now = site.Clock.GetUtcNow() + ahead;
            asked.Add(query.Since!.Value - ahead);
            return Samples(now, now.AddSeconds(-1));
        });
        var reader = new SampleReader(site.Agents, site.Clock);
        for (var time = 0; time < 2; time++)
        {
            var before = site.Clock.GetUtcNow();
            var samples = await reader.ReadAsync(host.Id, Last, Limit, CancellationToken.None);
            var age = before - Assert.Single(Assert.Single(samples.Nodes).Newest).At;
            Assert.InRange(age.TotalSeconds, -1, 3);
            Assert.InRange((samples.Now - before).TotalSeconds, -1, 3);
        }
        // One more question when the clock was found to be off, and the right span from then on.
        Assert.Equal(secondsAhead == 0 ? 2 : 3, asked.Count);
        Assert.InRange((site.Clock.GetUtcNow() - asked[^1] - Last).TotalSeconds, -1, 3);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_goes_on()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        using var agent = await FakeAgent.ConnectAsync(site, host);
        var (ahead, looks) = (TimeSpan.FromMinutes(30), new List<DateTimeOffset?>());
        var answering = AnswerAsync(agent, query =>
        {
            looks.Add(query.Since);
            var now = site.Clock.GetUtcNow() + ahead;
            return Samples(now, now.AddSeconds(-1));
        });
        var reader = new SampleReader(site.Agents, site.Clock);
        var first = await reader.LookAsync(host.Id, null, Limit, CancellationToken.None);
        Assert.InRange((first.Ahead - ahead).TotalSeconds, -1, 1);
        ahead = TimeSpan.FromMinutes(-30);
        var since = first.Samples.Nodes[0].Newest[0].At;
        var second = await reader.LookAsync(host.Id, since, Limit, CancellationToken.None);
        Assert.InRange((second.Ahead - ahead).TotalSeconds, -1, 1);
        Assert.InRange((second.Samples.Nodes[0].Newest[0].At - since).TotalSeconds, -1, 5);
        // All it has; then by the old clock, and by the new one.
        Assert.Equal([null, since + first.Ahead, since + second.Ahead], looks);
    }

    [Fact]
    public void What_is_missing_is_empty_and_what_is_no_time_is_far_away()
    {
        var none = SampleCheck.Shifted(new HostSamples(DateTimeOffset.MinValue, default, default), Last);
        Assert.Equal((DateTimeOffset.MinValue, 0, 0), (none.Now, none.Host.Length, none.Nodes.Length));
    }

    [Fact]
    public async Task Samples_that_cannot_be_are_left_out()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        using var agent = await FakeAgent.ConnectAsync(site, host);
        var answering = AnswerAsync(agent, _ =>
        {
            var now = site.Clock.GetUtcNow();
            var good = Samples(now, now);
            var one = good.Nodes[0].Newest[0];
            return good with
            {
                Host = [good.Host[0] with { CpuUsedCores = -0.5 }],
                Nodes =
                [
                    new NodeSamples(Node,
                    [
                        one with { At = now.AddHours(1) }, one with { CpuUsedCores = -1 }, one with { Seconds = 0 },
                        one with { MemoryUsedMiB = -5 }, one, one with { At = now.AddSeconds(-2) },
                    ]),
                    new NodeSamples(NodeId.Of(Guid.NewGuid()), []), new NodeSamples(Node, [one]),
                ],
            };
        });
        var samples = await new SampleReader(site.Agents, site.Clock).ReadAsync(
            host.Id, Last, Limit, CancellationToken.None);
        Assert.Empty(samples.Host);
        Assert.Equal([2, 0], samples.Nodes.Select(node => node.Newest.Length));
        Assert.True(samples.Nodes[0].Newest[0].At < samples.Nodes[0].Newest[1].At);
    }

    [Fact]
    public async Task A_host_that_is_away_or_of_an_older_build_is_named()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        var reader = new SampleReader(site.Agents, site.Clock);
        var away = await Assert.ThrowsAsync<SamplesMissingException>(
            () => reader.ReadAsync(host.Id, Last, Limit, CancellationToken.None));
        Assert.Equal(FailureCode.HostUnreachable, away.Why.Code);
        using var agent = await FakeAgent.ConnectAsync(site, host);
        var answering = AnswerAsync(agent, _ => null);
        var old = await Assert.ThrowsAsync<SamplesMissingException>(
            () => reader.ReadAsync(host.Id, Last, Limit, CancellationToken.None));
        Assert.Equal("unknown-query", old.Why.Code);
    }

    private static HostSamples Samples(DateTimeOffset now, DateTimeOffset at) => new(
        now, [new HostSample(at, 1, 2, 1, 0, 1, 1024, 512, 0, 0, 0)],
        [new NodeSamples(Node, [new NodeSample(at, 1, 0.5, 0.5, 0, 0, null, 100, 128, 64, 0, 0, 0)])]);

    private static async Task AnswerAsync(FakeAgent agent, Func<AgentQuery, HostSamples?> answer)
    {
        while (await agent.ReadAsync() is { } frame)
        {
            if (frame is not AgentQuery query) continue;
            var samples = answer(query);
            await agent.SendAsync(new AgentAnswer
            {
                Id = query.Id,
                Samples = samples,
                Failure = samples is null ? new Failure("unknown-query", "The query is unknown.", "Update.") : null,
            });
        }
    }
}
