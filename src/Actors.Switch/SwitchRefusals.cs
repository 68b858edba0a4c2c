using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Actors.Switch;

/// <summary>Every refusal and failure of a switch: names the thing, the limit and the next step.</summary>
internal static class SwitchRefusals
{
    internal static Refusal Forbidden(object message, in TurnInfo info) => new(
        FailureCode.Forbidden, $"The switch of host '{info.Self.Id}' takes no {message.GetType().Name} from "
            + $"{info.Sender?.ToString() ?? $"'{info.Principal}'"}: only networks and its host's actor speak to it.",
        "Change the environment; the switches of its hosts follow.");

    internal static Failure Unreachable(HostId host) => new(
        FailureCode.HostUnreachable, $"The switch of host '{host}' cannot be reached: its agent is not connected.",
        "Start the host's agent; its switch then gets its wanted state by itself.");

    internal static Failure EffectFailed(HostId host, EffectFailed failed) => new(
        FailureCode.HostUnreachable,
        $"The switch of host '{host}' gave no answer ({failed.Code}: {failed.Reason}).",
        "It is tried again by itself; see 'vio host show' for the state of its agent.");
}
