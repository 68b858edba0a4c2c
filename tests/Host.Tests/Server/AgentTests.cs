using System.Net.WebSockets;
using VioActors.Actors.Host;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Agents;
using VioActors.Runtime;

namespace VioActors.Host.Tests.Server;

/// <summary>The agents' protocol over real WebSockets: hello, bounds, and what survives a broken connection.</summary>
public sealed class AgentTests
{
    private static readonly NodeId Node = NodeId.Of(Guid.Parse("11111111-2222-3333-4444-555555555555"));

    [Fact]
    public async Task The_host_actor_learns_of_coming_at_once_and_of_going_after_the_grace()
    {
        await using var site = await TestSite.StartAsync(graceSeconds: 1);
        var host = await site.HostAsync("rack-1");
        using (var agent = await FakeAgent.ConnectAsync(site, host))
            await Until.TrueAsync(async () => await PresenceAsync(site, host) == HostPresence.Connected);
        await Until.TrueAsync(() => site.Agents.Find(host.Id) is null);
        Assert.Equal(HostPresence.Connected, await PresenceAsync(site, host));
        await Until.TrueAsync(async () => await PresenceAsync(site, host) == HostPresence.Away);
    }

    [Fact]
    public async Task Another_version_another_name_and_another_time_are_refused_with_the_reason()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        var hello = FakeAgent.Hello(site, host);
        Assert.Equal("version-mismatch",
            await RefusalAsync(site, host, hello with { Versions = new VersionRange(7, 9) }));
        Assert.Equal("wrong-name",
            await RefusalAsync(site, host, hello with { Facts = hello.Facts with { Name = "rack-2" } }));
        Assert.Equal("clock-skew", await RefusalAsync(site, host, hello with { Now = hello.Now.AddMinutes(10) }));
        Assert.Null(site.Agents.Find(host.Id));
    }

    [Fact]
    public async Task Frames_that_break_the_protocol_end_the_connection()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        foreach (var (text, status) in new[]
        {
            (new string('x', AgentLimits.FrameBytes + 1), WebSocketCloseStatus.MessageTooBig),
            ("{\"type\":\"nonsense\"}", WebSocketCloseStatus.InvalidPayloadData),
            ("{\"type\":\"welcome\",\"version\":1,\"build\":\"x\"}", WebSocketCloseStatus.PolicyViolation),
        })
        {
            using var agent = await FakeAgent.ConnectAsync(site, host);
            await agent.SendRawAsync(text);
            await agent.EndAsync();
            Assert.Equal(status, agent.Closed);
            await Until.TrueAsync(() => site.Agents.Find(host.Id) is null);
        }
    }

    [Fact]
    public async Task The_newer_connection_replaces_the_older()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        using var older = await FakeAgent.ConnectAsync(site, host);
        var first = site.Agents.Find(host.Id);
        using var newer = await FakeAgent.ConnectAsync(site, host);
        await older.EndAsync();
        await Until.TrueAsync(() => site.Agents.Find(host.Id) is { } now && now != first);
    }

    [Fact]
    public async Task A_command_that_was_cut_off_is_asked_again_under_the_same_id()
    {
        await using var site = await TestSite.StartAsync(graceSeconds: 10);
        var host = await site.HostAsync("rack-1");
        var handler = Handler(site, 10);
        using var first = await FakeAgent.ConnectAsync(site, host);
        var result = handler.RunAsync(SiteActors.Key(host.Id), Command(host), CancellationToken.None);
        Assert.Equal("request-1", (await first.ReadAsync<AgentRequest>()).Id);
        first.Cut();
        await Until.TrueAsync(() => site.Agents.Find(host.Id) is null);
        using var second = await FakeAgent.ConnectAsync(site, host);
        var again = await second.ReadAsync<AgentRequest>();
        Assert.Equal(("request-1", 3L, Node), (again.Id, again.Generation, again.Command.Node));
        Assert.Equal("owner:alice", again.By);
        await second.SendAsync(new AgentResponse { Id = again.Id, Outcome = AgentOutcome.Done() });
        var answered = Assert.IsType<AgentAnswered>(await result.WaitAsync(TestSite.Deadline));
        Assert.Equal("request-1", answered.RequestId);
        Assert.Null(answered.Outcome.Failure);
    }

    [Fact]
    public async Task A_host_that_stays_away_is_unreachable_after_the_grace()
    {
        await using var site = await TestSite.StartAsync(graceSeconds: 1);
        var host = await site.HostAsync("rack-1");
        using (var agent = await FakeAgent.ConnectAsync(site, host))
            agent.Cut();
        await Until.TrueAsync(() => site.Agents.Find(host.Id) is null);
        var answered = (AgentAnswered)await Handler(site, 1)
            .RunAsync(SiteActors.Key(host.Id), Command(host), CancellationToken.None).WaitAsync(TestSite.Deadline);
        Assert.Equal(FailureCode.HostUnreachable, answered.Outcome.Failure?.Code);
        Assert.Contains("rack-1", answered.Outcome.Failure!.Reason, StringComparison.Ordinal);
        Assert.Contains("vio host fenced rack-1 --yes", answered.Outcome.Failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_cancels_a_command_tells_the_agent()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        using var agent = await FakeAgent.ConnectAsync(site, host);
        using var cancel = new CancellationTokenSource();
        var result = Handler(site, 2).RunAsync(SiteActors.Key(host.Id), Command(host), cancel.Token);
        await agent.ReadAsync<AgentRequest>();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => result);
        Assert.Equal("request-1", (await agent.ReadAsync<CancelRequest>()).Id);
    }

    [Fact]
    public async Task The_state_of_a_switch_waits_until_its_host_comes()
    {
        await using var site = await TestSite.StartAsync(graceSeconds: 0);
        var host = await site.HostAsync("rack-1");
        var effect = new Effect("wanted-5", ActorKinds.SwitchEffect, new SwitchCall(
            host.Id, new SwitchWanted { Generation = 1, Version = 5 }, "owner:alice"));
        var result = new SwitchEffectHandler(site.Agents).RunAsync(
            new ActorKey(ActorKinds.Switch, host.Id.Value), effect, CancellationToken.None);
        using var agent = await FakeAgent.ConnectAsync(site, host);
        SwitchRequest request;
        do
            request = await agent.ReadAsync<SwitchRequest>();
        while (request.Id != "wanted-5");
        Assert.False(result.IsCompleted);
        Assert.Equal("owner:alice", request.By);
        await agent.SendAsync(new SwitchResponse { Id = request.Id });
        Assert.Equal(new SwitchAnswered(5, null), await result.WaitAsync(TestSite.Deadline));
    }

    [Fact]
    public async Task Questions_pass_to_the_agent_and_telemetry_is_kept()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        using var admin = site.Local();
        var away = await admin.GetAsync("hosts/rack-1/switch");
        Assert.Equal(FailureCode.HostUnreachable, await TestSite.CodeAsync(away));
        using var agent = await FakeAgent.ConnectAsync(site, host);
        var asked = admin.GetAsync("hosts/rack-1/switch");
        var query = await agent.ReadAsync<AgentQuery>();
        await agent.SendAsync(new AgentAnswer
        {
            Id = query.Id,
            Status = System.Text.Json.JsonElement.Parse("{\"ports\":3}")
        });
        Assert.Equal("{\"ports\":3}", await (await asked).Content.ReadAsStringAsync());
        var move = OperationId.From("op-1");
        await agent.SendAsync(new AgentTelemetry { Moves = [new MoveProgress(move, 0.4, "memory")] });
        await Until.TrueAsync(() => site.Agents.ProgressOf(move)?.Done == 0.4);
    }

    private static AgentEffectHandler Handler(TestSite site, int graceSeconds) =>
        new(site.Agents, TimeSpan.FromSeconds(graceSeconds), site.Clock);

    private static Effect Command(TestHost host) => new(
        "request-1", ActorKinds.AgentEffect, new AgentCall(
            host.Id, 3, new ObserveNode { Node = Node }, "owner:alice"));

    private static async Task<HostPresence?> PresenceAsync(TestSite site, TestHost host) =>
        (await site.Actors.HostAsync(host.Id))?.Presence;

    private static async Task<string?> RefusalAsync(TestSite site, TestHost host, AgentHello hello)
    {
        using var agent = await FakeAgent.OpenAsync(site, host.Certificate);
        await agent.SendAsync(hello);
        var welcome = Assert.IsType<ServerHello>(await agent.ReadAsync());
        Assert.Null(await agent.ReadAsync());
        return welcome.Refused?.Code;
    }
}
