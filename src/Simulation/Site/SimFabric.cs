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
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    public IEffectHandler Agents => new AgentHandler(this);

    public IEffectHandler Switches => new SwitchHandler(this);

    private SimChaos Chaos => site.Chaos;

    /// <summary>Sends until an answer of a living agent arrives, or the host was away for too long.</summary>
    private async Task<T?> CallAsync<T>(
        HostId host, TimeSpan grace, Func<SimAgent, Task<T>> send, CancellationToken cancel)
        where T : class
    {
        var agent = site.Agent(host);
        var giveUp = site.Time.GetUtcNow() + grace;
        while (site.Time.GetUtcNow() < giveUp)
        {
            cancel.ThrowIfCancellationRequested();
            await Task.Delay(Chaos.Pause(20), site.Time, cancel);
            if (agent.Host.IsDead || Chaos.Draw("request lost", Chaos.Loss)) continue;
            if (Chaos.Draw("call of a host fails", Chaos.HostFault))
                agent.Host.FailNext((SimCall)Chaos.Pick(Enum.GetValues<SimCall>().Length));
            var life = agent.Life;
            if (Chaos.Draw("request doubled", Chaos.Doubling)) _ = LateAsync(agent, send);
            var working = send(agent);
            if (Chaos.Draw("agent crash", Chaos.AgentCrash)) site.CrashAgent(host);
            var answer = await AnswerAsync(working, cancel);
            if (answer is null) continue;
            if (agent.Life != life || agent.Host.IsDead || Chaos.Draw("answer lost", Chaos.Loss)) continue;
            await Task.Delay(Chaos.Pause(20), site.Time, cancel);
            return answer;
        }

        return null;
    }

    /// <summary>The answer, or null when the switch was down: the agent asks it again.</summary>
    private static async Task<T?> AnswerAsync<T>(Task<T> working, CancellationToken cancel) where T : class
    {
        try
        {
            return await working.WaitAsync(cancel);
        }
        catch (DataPlaneException)
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
                call.Host, Grace, agent => agent.DoAsync(call.Generation, call.Command), cancel);
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
            var applied = await fabric.CallAsync(
                call.Host, TimeSpan.FromDays(1), agent => ApplyAsync(agent, call.Wanted), cancel);
            return applied
                ?? new SwitchAnswered(call.Wanted.Version, new Failure("away", $"Host {call.Host} is away.", "Wait."));
        }

        private static async Task<SwitchAnswered> ApplyAsync(SimAgent agent, SwitchWanted wanted)
        {
            await agent.DataPlane.ApplyAsync(wanted, CancellationToken.None);
            return new SwitchAnswered(wanted.Version, null);
        }
    }
}
