using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Guest;
using VioActors.TestKit;

namespace VioActors.EndToEnd.Agent;

/// <summary>The guest of the agents' tests: the tiny image with a disk, at 10.10.0.11.</summary>
internal static class SmallGuest
{
    public static NodeShape Of(FakeSite site, GuestImage image, NodeId node, EnvironmentId environment) =>
        SampleShape.New() with
        {
            Node = node,
            Environment = environment,
            Name = "n1",
            MaxMemoryMiB = 192,
            MemoryMiB = 192,
            Mac = "52:54:00:00:00:11",
            CommandLine = GuestImage.KernelArguments + " vio.name=n1 vio.ip=10.10.0.11/24",
            Image = new ImageDefinition(
                "tiny", site.Blob(image.KernelPath, image.KernelSha256),
                site.Blob(image.InitrdPath, image.InitrdSha256), site.Blob(image.DiskPath, image.DiskSha256), ""),
        };
}
