using System.Collections.Immutable;

namespace VioActors.Simulation.Fleet;

/// <summary>
/// A parallel application in an environment of equal nodes: in every phase each node does the same work, and all wait
/// for the slowest, so that the application is as fast as its slowest node.
/// </summary>
/// <param name="Name">For reports, for example <c>V1</c>.</param>
/// <param name="Nodes">How many nodes, one virtual CPU each.</param>
/// <param name="Site">Index of the site where it starts; null: where the least is booked.</param>
/// <param name="Start">When it starts.</param>
/// <param name="Phases">What it does, in order.</param>
public sealed record PhasedApplication(
    string Name, int Nodes, int? Site, TimeSpan Start, ImmutableArray<Phase> Phases);

/// <summary>A part of an application.</summary>
/// <param name="WorkPerNode">Work of each node, in core seconds.</param>
/// <param name="CpuDemand">CPU that a node can use, in cores, 0 to 1 exclusive of 0.</param>
public sealed record Phase(double WorkPerNode, double CpuDemand = 1);
