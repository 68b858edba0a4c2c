using VioActors.Runtime;

namespace VioActors.Embedded.Sample.Accounts;

/// <summary>
/// The world outside. After a crash the same effect comes again under the same id, so what it does must be known by it.
/// </summary>
internal sealed partial class ReceiptPrinter(ILogger<ReceiptPrinter> log) : IEffectHandler
{
    public string Kind => "receipt";

    public Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        Printed(log, effect.Id, actor.Id, ((Receipt)effect.Payload).Amount);
        return Task.FromResult<object>(new ReceiptPrinted(effect.Id));
    }

    [LoggerMessage(1, LogLevel.Information, "Receipt {Id}: {Account} withdrew {Amount}.")]
    private static partial void Printed(ILogger log, string id, string account, int amount);
}
