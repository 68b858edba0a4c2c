using VioActors.Contracts;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Server.Adaptation;

/// <summary>Samples as the agents that are connected to this server answer them.</summary>
internal sealed class AgentSamples(SampleReader reader) : ISampleSource
{
    /// <inheritdoc/>
    public async Task<HostLook?> AskAsync(HostId host, DateTimeOffset? since, CancellationToken cancel)
    {
        try
        {
            return await reader.LookAsync(host, since, AdaptLimits.AgentAnswer, cancel);
        }
        catch (SamplesMissingException)
        {
            return null;
        }
    }
}
