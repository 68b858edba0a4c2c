namespace VioActors.Contracts.Environments;

/// <summary>What an operation does.</summary>
public enum OperationKind
{
    /// <summary>Creates the environment, or nothing.</summary>
    Create,

    /// <summary>Adds nodes, or none.</summary>
    Grow,

    /// <summary>Removes nodes.</summary>
    Shrink,

    /// <summary>Removes the environment.</summary>
    Delete,

    /// <summary>Moves one node.</summary>
    Move,

    /// <summary>Changes what a node gets.</summary>
    Resize,

    /// <summary>Starts a node.</summary>
    Start,

    /// <summary>Stops a node.</summary>
    Stop,

    /// <summary>Starts a node anew on another host, after its own was fenced.</summary>
    Restart,

    /// <summary>Applies a spec that differs in several ways: grow, then shrink, then resize.</summary>
    Apply,
}

/// <summary>Where an operation is.</summary>
public enum OperationPhase
{
    /// <summary>Going forward.</summary>
    Running,

    /// <summary>Going back after a failure or a cancel.</summary>
    Undoing,

    /// <summary>Ended well.</summary>
    Done,

    /// <summary>Ended with a reason.</summary>
    Failed,

    /// <summary>Ended by a user.</summary>
    Cancelled,
}

/// <summary>What the environment knows of a node's power.</summary>
public enum NodePower
{
    /// <summary>Not started yet, or stopped.</summary>
    Off,

    /// <summary>Told to run; not ready yet.</summary>
    Starting,

    /// <summary>Runs and answered the prober.</summary>
    Ready,

    /// <summary>Told to stop; not confirmed yet.</summary>
    Stopping,

    /// <summary>Its host cannot be asked: it may or may not run.</summary>
    Unknown,

    /// <summary>Its host was fenced: it does not run and may start elsewhere.</summary>
    Lost,
}

/// <summary>Phases of the move reconciler. Undo exists only before <see cref="Copying"/>.</summary>
public enum MovePhase
{
    /// <summary>The site is asked for a target.</summary>
    Choosing,

    /// <summary>Room on the target is being booked.</summary>
    Booking,

    /// <summary>Disk, sockets and a closed port are made on the target.</summary>
    Preparing,

    /// <summary>The hypervisor copies.</summary>
    Copying,

    /// <summary>Both hosts are asked what they see, until exactly one runs.</summary>
    Observing,

    /// <summary>The node moved: the table and the old host are cleaned.</summary>
    SettlingThere,

    /// <summary>The node stayed: the table and the target are cleaned.</summary>
    SettlingHere,

    /// <summary>The room on the host that was cleaned is freed.</summary>
    Freeing,
}
