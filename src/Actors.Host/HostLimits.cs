namespace VioActors.Actors.Host;

/// <summary>Every limit of a host's actor.</summary>
public static class HostLimits
{
    /// <summary>Commands on their way to one agent; each is an effect that waits for an answer.</summary>
    public const int CommandsInFlight = 1024;

    /// <summary>Bookings of one host; memory ends most of them far earlier.</summary>
    public const int Bookings = 4096;
}
