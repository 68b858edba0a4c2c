namespace VioActors.Switch.DataPlane;

/// <summary>Makes and removes what is at the other end of a port, by its kind. The applier's thread.</summary>
/// <param name="joint">Makes joints.</param>
/// <param name="lanes">Lanes of this switchd.</param>
internal sealed class PortMaker(PortJoint joint, int lanes)
{
    /// <summary>
    /// Drivers that are not attached yet, one per lane, or one for a port with one end; they belong to the caller.
    /// </summary>
    /// <exception cref="SwitchIoException">What failed, with its name.</exception>
    public IPortDriver[] Create(PortPlan plan) => plan.Kind switch
    {
        PortKind.Joint => Queues(plan, joint.Create(plan, lanes > 1)),
        PortKind.Tap => Queues(plan, HybridTap.Create(plan, lanes > 1)),
        PortKind.Stream => [new StreamDriver(plan.Socket)],
        PortKind.VhostUser => [new VhostDriver(plan.Socket)],
        _ => throw new InvalidOperationException($"Unknown kind of port {plan.Kind}."),
    };

    /// <summary>Closes drivers that are detached, and removes what was made for them.</summary>
    /// <exception cref="SwitchIoException">A link could not be removed.</exception>
    public void Remove(PortPlan plan, IReadOnlyList<IPortDriver> drivers)
    {
        foreach (IPortDriver driver in drivers)
            driver.Dispose();
        if (plan.Kind == PortKind.Joint)
            joint.Remove(plan);
    }

    private IPortDriver[] Queues(PortPlan plan, TapDevice first)
    {
        var drivers = new List<IPortDriver> { new TapDriver(first, plan.Kind) };
        try
        {
            while (drivers.Count < lanes)
                drivers.Add(new TapDriver(TapDevice.Open(plan.Tap, multiQueue: true), plan.Kind));
            return [.. drivers];
        }
        catch
        {
            Remove(plan, drivers);
            throw;
        }
    }

    /// <summary>Removes the links that a predecessor left and nobody wants.</summary>
    public IReadOnlyList<string> RemoveOrphans(IReadOnlySet<string> wanted) => joint.RemoveOrphans(wanted);
}
