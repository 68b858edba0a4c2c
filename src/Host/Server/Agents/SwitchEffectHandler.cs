using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Agents;

/// <summary>
/// The effect <c>switch</c>: the wanted state of one host's switch. It waits for the host for as long as it takes; the
/// switch's actor cancels it when a newer state replaces it.
/// </summary>
internal sealed class SwitchEffectHandler(AgentConnections agents) : IEffectHandler
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.SwitchEffect;

    /// <inheritdoc/>
    public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        var call = (SwitchCall)effect.Payload;
        var request = new SwitchRequest { Id = effect.Id, Wanted = call.Wanted, By = call.By };
        while (true)
        {
            var agent = await agents.WaitAsync(call.Host, cancel);
            try
            {
                return new SwitchAnswered(call.Wanted.Version, await agent.SwitchAsync(request, cancel));
            }
            catch (AgentLostException)
            {
                // Asked again on the next connection; applying a state twice changes nothing.
            }
            catch (ArgumentException tooLong)
            {
                return new SwitchAnswered(call.Wanted.Version, new Failure(
                    "switch-state-too-long", tooLong.Message, "Spread the environments over more hosts."));
            }
        }
    }
}
