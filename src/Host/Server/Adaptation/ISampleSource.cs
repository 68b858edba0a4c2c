using VioActors.Contracts;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Server.Adaptation;

/// <summary>Where samples come from.</summary>
internal interface ISampleSource
{
    /// <summary>Asks one host for what it measured after a time of the server's clock.</summary>
    /// <param name="host">The host.</param>
    /// <param name="since">Only later samples; null asks for all it keeps.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The samples; null from a host that did not answer, or does not measure.</returns>
    Task<HostLook?> AskAsync(HostId host, DateTimeOffset? since, CancellationToken cancel);
}
