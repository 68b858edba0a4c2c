using VioActors.Contracts;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;

namespace VioActors.Actors.Host;

/// <summary>Who may send what to a host's actor. Whatever is not listed is denied.</summary>
internal static class HostAccess
{
    /// <summary>Null when the message may be decided; else why not.</summary>
    internal static Refusal? Check(object message, in TurnInfo info)
    {
        var by = Principal.Parse(info.Principal);
        if (!Allowed(message, info.Sender, by))
            return HostRefusals.Forbidden(message, info.Sender, by);
        return Addressee(message) is { } host && host.Value != info.Self.Id
            ? HostRefusals.WrongHost(host, info.Self.Id)
            : null;
    }

    private static bool Allowed(object message, ActorKey? sender, Principal by) => (sender, message) switch
    {
        (null, HostConnected hello) => IsAgent(by, hello.Host),
        (null, HostDisconnected gone) => IsAgent(by, gone.Host),
        (null, HostNodesEnded news) => IsAgent(by, news.Host),
        (null, FenceHost) => by.MayOperateHosts,
        // Results of our own effects come without a sender and with the principal that asked for the work; what
        // matches no command in flight is ignored. Nobody outside can name these types: the API has no such request.
        (null, AgentAnswered or EffectFailed) => true,
        ({ } from, Book ask) => IsEnvironment(from, ask.Environment),
        ({ } from, BookNodes ask) => IsEnvironment(from, ask.Environment),
        ({ } from, Unbook ask) => IsEnvironment(from, ask.Environment),
        ({ } from, HostCommand ask) => IsEnvironment(from, ask.Environment),
        _ => false,
    };

    private static bool IsAgent(Principal by, HostId host) =>
        by.Role == Role.System || (by.Role == Role.Agent && by.Name == host.Value);

    private static bool IsEnvironment(ActorKey from, EnvironmentId environment) =>
        from == new ActorKey(ActorKinds.Environment, environment.Value);

    private static HostId? Addressee(object message) => message switch
    {
        HostConnected hello => hello.Host,
        HostDisconnected gone => gone.Host,
        HostNodesEnded news => news.Host,
        FenceHost fence => fence.Host,
        _ => null,
    };
}
