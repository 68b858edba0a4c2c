using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.TestKit;

/// <summary>A node for tests that do not care which: small, without a disk, of an image that no host has.</summary>
public static class SampleShape
{
    /// <summary>A new one, with an id of its own. Change with <c>with</c> what matters to the test.</summary>
    public static NodeShape New() => new()
    {
        Node = NodeId.Of(Guid.NewGuid()),
        Environment = new("s1.e1"),
        Name = "n",
        MaxMemoryMiB = 256,
        MemoryMiB = 256,
        Vcpus = 1,
        CpuWeight = 100,
        MachineType = "pc-q35-7.2",
        CpuModel = "qemu64",
        Mac = "52:54:00:00:00:01",
        CommandLine = "quiet",
        Image = new ImageDefinition("tiny", File('0'), File('1'), null, ""),
    };

    /// <summary>A file whose hash is this digit 64 times.</summary>
    /// <param name="digit">0 to 9 or a to f.</param>
    public static Blob File(char digit) => new(new string(digit, 64), 1);
}
