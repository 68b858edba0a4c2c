namespace VioActors.Switch.DataPlane;

/// <summary>What to do about the path to a peer.</summary>
internal enum PathAction
{
    Keep,

    /// <summary>Send through another relay from now on.</summary>
    UseRelay,

    /// <summary>Send over TCP from now on.</summary>
    UseStream,

    /// <summary>Send directly from now on, though nothing says that it works: nothing else is left.</summary>
    UseDirect,

    /// <summary>Stay, and try all direct ways.</summary>
    TryDirect,
}

/// <summary>What to make of an authenticated datagram that came another way than ours go.</summary>
internal enum ArrivalAction
{
    Ignore,

    /// <summary>The peer is there now: send there.</summary>
    Follow,

    /// <summary>It may be reached there: try.</summary>
    Try,
}

/// <summary>Which path a peer gets. Pure; every case is enumerated in the tests.</summary>
internal static class PathDecider
{
    /// <param name="isDetour">Whether the path in use leads through another host or TCP.</param>
    /// <param name="isDead">Whether it stopped answering.</param>
    /// <param name="hasOtherRelay">Whether a host could pass on that does not do so already.</param>
    /// <param name="hasOtherStream">Whether there is a connection that is not in use already.</param>
    /// <param name="directIsDue">Whether it is time to try the direct ways again.</param>
    public static PathAction Periodic(
        bool isDetour, bool isDead, bool hasOtherRelay, bool hasOtherStream, bool directIsDue)
    {
        if (isDead && hasOtherRelay)
            return PathAction.UseRelay;
        if (isDead && hasOtherStream)
            return PathAction.UseStream;
        if (isDead && isDetour)
            return PathAction.UseDirect;
        return isDetour && directIsDue ? PathAction.TryDirect : PathAction.Keep;
    }

    /// <param name="isDetour">Whether the path in use leads through another host or TCP.</param>
    /// <param name="isProven">Whether it answers.</param>
    /// <param name="cameRelayed">Whether the datagram came through another host.</param>
    /// <param name="isNewest">Whether the peer sent nothing later that is here already.</param>
    public static ArrivalAction Arrived(bool isDetour, bool isProven, bool cameRelayed, bool isNewest)
    {
        if (!isNewest)
            return ArrivalAction.Ignore;
        if (!isProven)
            return ArrivalAction.Follow;
        if (cameRelayed)
            return ArrivalAction.Ignore;

        // Roaming, as WireGuard does it. That a peer behind a detour reached us directly does not say that we reach it.
        return isDetour ? ArrivalAction.Try : ArrivalAction.Follow;
    }

    /// <summary>Whether an answered try is used: a direct way beats a relay, and anything beats silence.</summary>
    /// <param name="isDetour">Whether the path in use leads through another host or TCP.</param>
    /// <param name="isProven">Whether it answers.</param>
    public static bool UseAnswered(bool isDetour, bool isProven) => isDetour || !isProven;
}
