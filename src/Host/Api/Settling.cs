using VioActors.Contracts;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>
/// The site promises an operation and hands the spec to the environment as a message. Whoever got the promise must find
/// the operation, so the answer waits a moment until the environment has it.
/// </summary>
internal sealed class Settling(SiteActors actors, TimeProvider clock)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private const int Steps = 400;

    /// <summary>Returns when the environment knows the operation, or after two seconds.</summary>
    public async Task UntilKnownAsync(EnvironmentId environment, OperationId? operation, CancellationToken cancel)
    {
        for (var step = 0; step < Steps; step++)
        {
            var state = await actors.EnvironmentAsync(environment, cancel);
            if (operation is null || state?.Operations.Exists(op => op.Id == operation) == true)
                return;
            await Task.Delay(Step, clock, cancel);
        }
    }
}
