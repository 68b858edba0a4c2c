namespace VioActors.Switch.DataPlane;

/// <summary>Makes and removes what is at the other end of a port, by its kind. The applier's thread.</summary>
internal sealed class PortMaker(PortJoint joint)
{
    /// <summary>A driver that is not attached yet; it belongs to the caller.</summary>
    /// <exception cref="SwitchIoException">What failed, with its name.</exception>
    public IPortDriver Create(PortPlan plan) => plan.Kind switch
    {
        PortKind.Joint => new TapDriver(joint.Create(plan), PortKind.Joint),
        PortKind.Tap => new TapDriver(HybridTap.Create(plan), PortKind.Tap),
        PortKind.Stream => new StreamDriver(plan.Socket),
        PortKind.VhostUser => new VhostDriver(plan.Socket),
        _ => throw new InvalidOperationException($"Unknown kind of port {plan.Kind}."),
    };

    /// <summary>Closes a driver that is detached, and removes what was made for it.</summary>
    /// <exception cref="SwitchIoException">A link could not be removed.</exception>
    public void Remove(PortPlan plan, IPortDriver driver)
    {
        driver.Dispose();
        if (plan.Kind == PortKind.Joint)
            joint.Remove(plan);
    }

    /// <summary>Removes the links that a predecessor left and nobody wants.</summary>
    public IReadOnlyList<string> RemoveOrphans(IReadOnlySet<string> wanted) => joint.RemoveOrphans(wanted);
}
