using VioActors.Actors.Switch;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Simulation.Site;

/// <summary>
/// What lies between a server and its agents: delays, losses, doublings, dead agents. Like the real fabric it asks
/// again under the same id when a connection broke, and calls a host unreachable when it stays away.
/// </summary>
internal sealed class SimFabric(SimSite site)
{
    /// <summary>How often one command is asked before its host counts as unreachable.</summary>
    private const int Attempts = 10;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a host may be away before it is told so, and its commands are answered for.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromSeconds(20);

    public IEffectHandler Agents => new AgentHandler(this);

    public IEffectHandler Switches => new SwitchHandler(this);

    /// <summary>What a host's agent measured; null when it does not answer in time.</summary>
    public Task<HostSamples?> SamplesAsync(HostId host, DateTimeOffset? since, CancellationToken cancel) =>
        CallAsync(host, agent => agent.SamplesAsync(since), cancel);

    private SimChaos Chaos => site.Chaos;

    private TimeProvider Time => site.Time;

    /// <summary>Sends until an answer of a living agent arrives, or the host was away for too long.</summary>
    private async Task<T?> CallAsync<T>(HostId host, Func<SimAgent, Task<T>> send, CancellationToken cancel)
        where T : class
    {
        var agent = site.Agent(host);
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            await Task.Delay(Chaos.Pause(20), site.Time, cancel);
            if (!await IsBackAsync(agent, cancel)) return null;
            if (Chaos.Draw("request lost", Chaos.Loss)) continue;
            if (Chaos.Draw("call of a host fails", Chaos.HostFault))
                agent.Host.FailNext((SimCall)Chaos.Pick(Enum.GetValues<SimCall>().Length));
            var line = agent.Line;
            if (Chaos.Draw("request doubled", Chaos.Doubling)) _ = LateAsync(agent, send);
            var working = send(agent);
            if (Chaos.Draw("agent crash", Chaos.AgentCrash)) site.CrashAgent(host);
            if (Chaos.Draw("host away", Chaos.HostAway)) site.LoseHost(host);
            var answer = await AnswerAsync(working, line, cancel);
            if (answer is null || line.IsCancellationRequested || Chaos.Draw("answer lost", Chaos.Loss)) continue;
            await Task.Delay(Chaos.Pause(20), site.Time, cancel);
            return answer;
        }

        return null;
    }

    /// <summary>Whether the host is there, now or within the grace since it went away.</summary>
    private async Task<bool> IsBackAsync(SimAgent agent, CancellationToken cancel)
    {
        while (agent.AwaySince is { } since)
        {
            if (site.Time.GetUtcNow() - since >= Grace) return false;
            await Task.Delay(Poll, site.Time, cancel);
        }

        return true;
    }

    /// <summary>The answer, or null when the connection broke before it.</summary>
    private static async Task<T?> AnswerAsync<T>(Task<T> working, CancellationToken line, CancellationToken cancel)
        where T : class
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(line, cancel);
        try
        {
            return await working.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (line.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>A copy of the request that arrives when much may have been decided since.</summary>
    private async Task LateAsync<T>(SimAgent agent, Func<SimAgent, Task<T>> send)
    {
        await Task.Delay(Chaos.Pause(20_000), site.Time);
        if (!agent.Host.IsDead) _ = send(agent);
    }

    private sealed class AgentHandler(SimFabric fabric) : IEffectHandler
    {
        public string Kind => ActorKinds.AgentEffect;

        public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
        {
            var call = (AgentCall)effect.Payload;
            var outcome = await fabric.CallAsync(
                call.Host, agent => agent.DoAsync(call.Generation, call.Command), cancel);
            return new AgentAnswered(effect.Id, outcome ?? AgentOutcome.Failed(
                FailureCode.HostUnreachable, $"Host {call.Host} is away.", "Bring it back, or declare it off."));
        }
    }

    private sealed class SwitchHandler(SimFabric fabric) : IEffectHandler
    {
        public string Kind => ActorKinds.SwitchEffect;

        public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
        {
            var call = (SwitchCall)effect.Payload;
            while (true)
            {
                // A switch is waited for as long as its actor wants it.
                var applied = await fabric.CallAsync(call.Host, agent => ApplyAsync(agent, call.Wanted), cancel);
                if (applied is not null) return applied;
                await Task.Delay(Poll, fabric.Time, cancel);
            }
        }

        private static async Task<SwitchAnswered> ApplyAsync(SimAgent agent, SwitchWanted wanted)
        {
            try
            {
                await agent.DataPlane.ApplyAsync(wanted, CancellationToken.None);
                return new SwitchAnswered(wanted.Version, null);
            }
            catch (DataPlaneException down)
            {
                return new SwitchAnswered(wanted.Version, down.Failure);
            }
        }
    }
}
