using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Api;

/// <summary>Two clocks that differ too much make certificates and tokens meaningless: refused, with both times.</summary>
internal static class Clocks
{
    /// <summary>Why these two clocks cannot work together; null when they can.</summary>
    public static Failure? Difference(DateTimeOffset theirs, DateTimeOffset ours) =>
        (theirs - ours).Duration() <= SiteAuthority.MaxClockSkew ? null : new Failure(
            "clock-skew",
            $"The host's clock says {theirs.UtcDateTime:u} and the server's {ours.UtcDateTime:u}: more than "
                + $"{SiteAuthority.MaxClockSkew.TotalMinutes:0} minutes apart.",
            "Set the clock that is wrong, for example with NTP.");

    /// <summary>Refuses a request of a host whose clock differs too much.</summary>
    /// <exception cref="ProblemException">It does.</exception>
    public static void Require(DateTimeOffset theirs, DateTimeOffset ours)
    {
        if (Difference(theirs, ours) is { } failure)
            throw new ProblemException(
                StatusCodes.Status403Forbidden, new Problem(failure.Code, failure.Reason, failure.Remedy));
    }
}
